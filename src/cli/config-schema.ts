// Prints the JSON schema of the configuration; CONTRIBUTING and docs/configuration.md say when.
import { configJsonSchema } from '../config/json-schema.js';

process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
