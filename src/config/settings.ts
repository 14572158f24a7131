import { configJsonSchema, type JsonProperty } from './json-schema.js';

/** A setting as it can be given from outside. */
export interface Setting {
  /** `server.port` */
  readonly path: string;
  /** `WEIR_SERVER_PORT` */
  readonly variable: string;
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'list';
  readonly nullable: boolean;
  /** Its value must not be told. */
  readonly secret: boolean;
  /** A value may carry a secret by mistake. */
  readonly uri: boolean;
  readonly byDefault: unknown;
  /** A value to write for example. */
  readonly example: string;
  readonly choices: readonly string[];
}

const kinds: Readonly<Record<string, Setting['kind']>> = {
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
};

function settingOf(path: string, property: JsonProperty): Setting {
  const types = (property.anyOf ?? [property]).map((one) => one.type ?? 'string');
  const example = property.examples?.[0] ?? property.default;
  return {
    path,
    variable: `WEIR_${path.replace('.', '_').toUpperCase()}`,
    kind: kinds[types[0] ?? 'string'] ?? 'text',
    nullable: types.includes('null'),
    secret: property.writeOnly === true,
    uri: property.format === 'uri',
    byDefault: property.default,
    example: typeof example === 'string' ? example : JSON.stringify(example),
    choices: property.enum ?? [],
  };
}

function settingsOf({ properties = {} }: JsonProperty, prefix = ''): Setting[] {
  return Object.entries(properties).flatMap(([name, property]) =>
    property.properties === undefined
      ? [settingOf(prefix + name, property)]
      : settingsOf(property, `${name}.`),
  );
}

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(configJsonSchema());

export function settingAt(path: string): Setting | undefined {
  return settings.find((setting) => setting.path === path);
}

/** Names within a section; those of the top, sections included, for ''. */
export function namesIn(section: string): string[] {
  const parts = settings.map((setting) => setting.path.split('.'));
  const inside = section === '' ? parts : parts.filter(([first]) => first === section);
  return [...new Set(inside.map((names) => names[section === '' ? 0 : 1] ?? ''))];
}
