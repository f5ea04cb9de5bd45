import { HANDSHAKE } from './handshake.ts';
import { PARSERS } from './parsers.ts';
import type { Target } from './target.ts';
import { TRANSFERS } from './transfers.ts';

/** Everything that reads what strangers say. */
export const TARGETS: readonly Target[] = [...PARSERS, ...HANDSHAKE, ...TRANSFERS];
