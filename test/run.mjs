// Runs a TypeScript module of ours in Node: node test/run.mjs <module> [arguments]
// Node 20 cannot read TypeScript by itself; Vite, which we have anyway, can.
import { resolve } from 'node:path';
import { runnerImport } from 'vite';

const [module, ...args] = process.argv.slice(2);
process.argv = [process.argv[0], resolve(module), ...args];
await runnerImport(resolve(module), { configFile: false, logLevel: 'warn' });
