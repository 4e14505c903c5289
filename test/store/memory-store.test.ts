import { MemoryStore } from '../../src/store/memory-store.ts';
import { describeStore } from './contract.ts';

describeStore('memory', async () => new MemoryStore());
