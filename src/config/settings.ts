import { configJsonSchema, type JsonProperty } from './json-schema.js';

/** A setting as it can be given from outside. */
export interface Setting {
  /** `server.port` */
  readonly path: string;
  /** `WEIR_SERVER_PORT` */
  readonly variable: string;
  /** A map's variable is written as JSON. */
  readonly kind: 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'map';
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
  object: 'map',
};

function settingOf(path: string, property: JsonProperty): Setting {
  const types = (property.anyOf ?? [property]).map((one) => one.type ?? 'string');
  const example = property.examples?.[0] ?? property.default;
  return {
    path,
    variable: `WEIR_${path.replaceAll('.', '_').toUpperCase()}`,
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
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name;
    if (property.properties !== undefined) return settingsOf(property, `${path}.`);
    // TLS is on, off, or a section.
    const section = property.anyOf?.find((one) => one.properties !== undefined);
    const own = settingOf(path, property);
    return section === undefined ? [own] : [own, ...settingsOf(section, `${path}.`)];
  });
}

const whole = configJsonSchema();

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(whole);

export function settingAt(path: string): Setting | undefined {
  return settings.find((setting) => setting.path === path);
}

/** The setting that a path is of or leads into; in a map, what stands at the path. */
export function settingAround(path: readonly string[]): Setting | undefined {
  for (let length = path.length; length > 0; length--) {
    const setting = settingAt(path.slice(0, length).join('.'));
    if (setting === undefined) continue;
    if (setting.kind !== 'map' || length === path.length) return setting;
    const inner = propertyAt(path);
    const inMap = inner === undefined || inner.properties !== undefined;
    const own = inMap ? setting : settingOf(path.join('.'), inner);
    return { ...own, path: path.join('.'), example: own.example ?? setting.example };
  }
  return undefined;
}

/** Of what may be a section or a value, the section. */
function sectionIn(property: JsonProperty | undefined): JsonProperty | undefined {
  return property?.anyOf?.find((one) => one.properties !== undefined) ?? property;
}

function propertyAt(path: readonly string[]): JsonProperty | undefined {
  return path.reduce<JsonProperty | undefined>((property, name) => {
    const { properties = {}, additionalProperties } = sectionIn(property) ?? {};
    if (Object.hasOwn(properties, name)) return properties[name];
    return additionalProperties === false ? undefined : additionalProperties;
  }, whole);
}

/** Names within a section or a map; those of the top, sections included, for none. */
export function namesIn(path: readonly string[]): readonly string[] {
  const { properties = {}, propertyNames } = sectionIn(propertyAt(path)) ?? {};
  return propertyNames?.enum ?? Object.keys(properties);
}
