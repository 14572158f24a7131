import { readFileSync } from 'node:fs';
import type { RecordSchema } from './registry.js';

/** One of the schemas that Weir is released with: `schemas/NAME.avsc`. */
export function releasedSchema(name: string): RecordSchema {
  const path = new URL(`../../../../schemas/${name}.avsc`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as RecordSchema; // a test reads each as one
}
