import { WeirError } from '../errors.js';
import { plainNames } from './plain-names.js';
import type { TopicDefinition } from './source.js';

/**
 * Refuses a topic that could not be read: what the types of a definition cannot rule out.
 * @throws WeirError definition-invalid
 */
export function checkTopic(definition: TopicDefinition): void {
  const { kind, topic, key, fields, rules } = definition;
  const owner = `${kind} ${topic}`;
  plainNames(owner, 'field', Object.keys(fields));
  const refuse = (problem: string): never => {
    throw new WeirError('definition-invalid', `${owner}: ${problem}`);
  };
  const known = Object.keys(fields).join(', ');
  if (key !== null && (!Object.hasOwn(fields, key) || fields[key]!.optional)) {
    const found = Object.hasOwn(fields, key) ? 'an optional field' : 'no such field';
    refuse(
      `expected the key ${key} among the required fields; found ${found}; the fields are ${known}`,
    );
  }
  for (const rule of rules) {
    const named = rule.kind === 'together' ? rule.fields : [rule.field, ...Object.keys(rule.when)];
    const stray = named.find((name) => !Object.hasOwn(fields, name));
    if (stray !== undefined) {
      refuse(`expected the names of fields in its rules; found ${stray}; the fields are ${known}`);
    }
  }
}
