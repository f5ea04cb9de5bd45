/** The disk worker over a slow disk. */
import '../../src/workers/disk.worker.ts';
import { slowFlush } from './slowFlush.ts';

slowFlush();
