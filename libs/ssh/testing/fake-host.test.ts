import { hostSessionContract } from './contract.ts';
import { startFakeHost } from './fake-host.ts';

hostSessionContract('the fake host as root', () => startFakeHost());
hostSessionContract('the fake host as a user with sudo', () => startFakeHost({ user: 'ubuntu' }));
