import { startServer } from './server.ts';

const server = await startServer({
  port: Number(process.env['PORT'] ?? 4173),
  host: process.env['HOST'] ?? 'localhost',
  dist: 'dist',
});
console.log(`ready ${server.url}`);
