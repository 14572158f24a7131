import { z } from 'zod';
import { configSchema } from './schema.js';

/** One setting, or a section of them, in the JSON schema. */
export interface JsonProperty {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonProperty>>;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly writeOnly?: boolean;
  readonly format?: string;
  readonly anyOf?: readonly JsonProperty[];
  readonly propertyNames?: JsonProperty;
  readonly additionalProperties?: JsonProperty | false;
}

/** The JSON schema (2020-12) of `weir.config.yaml`; schemas/config.schema.json is a copy of it. */
export function configJsonSchema(): JsonProperty {
  // An object's schema has these keys.
  return z.toJSONSchema(configSchema, { io: 'input' }) as JsonProperty;
}
