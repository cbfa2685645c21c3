export { arbitraryObjectOf } from './arbitrary-object.ts';
export { arbitraryValue } from './arbitrary-value.ts';
