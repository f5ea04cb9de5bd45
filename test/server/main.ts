import { startServer } from './server.ts';

const port = Number(process.env['PORT'] ?? 4173);
const host = process.env['HOST'] ?? 'localhost';

try {
  const server = await startServer({ port, host, dist: 'dist' });
  console.log(`ready ${server.url}`);
} catch (error) {
  console.error(`cannot listen on ${host}:${port}; PORT and HOST choose another place.`, error);
  process.exit(1);
}
