// The current ClickHouse as a server on a fixed port: node clickhouse-server.js DIRECTORY PORT
import { startEmbedded } from '../src/sinks/clickhouse/embedded/start-embedded.js';

const [directory, port] = process.argv.slice(2);
if (directory === undefined || !/^\d+$/.test(port ?? '')) {
  console.error('usage: clickhouse-server DIRECTORY PORT');
  process.exit(2);
}
const server = await startEmbedded({
  directory,
  port: Number(port),
  onRestart: (reason) => console.error(`ClickHouse ${reason}; it is started again`),
  onGivenUp: (error) => {
    console.error(error.message);
    process.exit(1);
  },
});
console.log(`ClickHouse ${server.version} at ${server.url}`);
