export { applyOverlay } from './packaging/overlays.ts';
export type { Overlay } from './packaging/overlays.ts';
export { release } from './packaging/release.ts';
export { buildImages } from './images/build.ts';
export type { BuiltImage, ImagesOptions } from './images/build.ts';
export { localBase } from './images/local-base.ts';
export { readArchive, unpackArchive } from './images/oci-archive.ts';
export type { ArchivedImage } from './images/oci-archive.ts';
