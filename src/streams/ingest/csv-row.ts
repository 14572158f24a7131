import type { TopicDefinition } from '../../features/source.js';

/** Why a header names no columns of records; made an error by whoever knows the file. */
export class HeaderFault extends Error {}

/** Makes a row's cells the JSON text of its record. */
export type RowWriter = (cells: readonly string[]) => string;

/** What a cell's text is made, by the field that its column is read for. */
type CellKind = 'number' | 'key' | 'time' | 'list' | 'text';

interface Column {
  readonly start: string;
  readonly cell: number;
  readonly kind: CellKind;
}

interface Group {
  readonly start: string;
  /** The topic demands the object: it is written although all its cells are empty. */
  readonly isDemanded: boolean;
  readonly members: Map<string, Column | Group>;
}

const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const integerText = /^-?\d{1,16}$/;
const keyText = /^(?:0|-?[1-9]\d{0,15})$/;

function isList(text: string): boolean {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What is not of its kind stays a text, so that the reason shows it as it came. */
function cellJson(kind: CellKind, cell: string): string {
  switch (kind) {
    case 'number': {
      const text = cell.trim();
      return numberText.test(text) ? text : JSON.stringify(cell);
    }
    case 'key':
      // Its identity is its text: only what is written as JSON writes an integer is one.
      return keyText.test(cell) && Number.isSafeInteger(Number(cell)) ? cell : JSON.stringify(cell);
    case 'time':
      return integerText.test(cell) ? String(Number(cell)) : JSON.stringify(cell);
    case 'list':
      return cell.startsWith('[') && isList(cell) ? cell : JSON.stringify(cell);
    case 'text':
      return JSON.stringify(cell);
    default:
      return kind satisfies never;
  }
}

function kindOf(topic: TopicDefinition, path: string): CellKind {
  const [, field] =
    Object.entries(topic.fields).find(([name, { from }]) => (from ?? name) === path) ?? [];
  if (field === undefined) return path === topic.time ? 'time' : 'text';
  switch (field.kind) {
    case 'number':
    case 'key':
      return field.kind;
    case 'texts':
      return 'list';
    case 'text':
    case 'oneOf':
      return 'text';
    default:
      return field.kind satisfies never;
  }
}

/** Adds a column below the groups that its dotted name says. */
function place(topic: TopicDefinition, root: Group, path: string, cell: number): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let group = root;
  for (const [depth, name] of names.entries()) {
    const below: Column | Group = group.members.get(name) ?? {
      start: `${JSON.stringify(name)}:`,
      isDemanded: topic.objects.includes(names.slice(0, depth + 1).join('.')),
      members: new Map(),
    };
    if (!('members' in below)) throw new HeaderFault(`${path} below a column of its own`);
    group.members.set(name, below);
    group = below;
  }
  if (group.members.has(last)) throw new HeaderFault(`${path} twice, or with columns below it`);
  const start = `${JSON.stringify(last)}:`;
  group.members.set(last, { start, cell, kind: kindOf(topic, path) });
}

/** Members without a value are left out: an empty cell is an absent field. */
function membersOf(members: readonly (Column | Group)[]): RowWriter {
  const writers = members.map((member): RowWriter => {
    if (!('members' in member)) {
      const { start, cell, kind } = member;
      return (cells) => (cells[cell] === '' ? '' : start + cellJson(kind, cells[cell]!));
    }
    const inner = membersOf([...member.members.values()]);
    const { start, isDemanded } = member;
    return (cells) => {
      const text = inner(cells);
      return text === '' && !isDemanded ? '' : `${start}{${text}}`;
    };
  });
  return (cells) => {
    let text = '';
    for (const write of writers) {
      const member = write(cells);
      if (member !== '') text += text === '' ? member : `,${member}`;
    }
    return text;
  };
}

/**
 * Makes rows records of the topic: dots in the header's names stand for objects.
 * @throws HeaderFault
 */
export function rowWriter(topic: TopicDefinition, header: readonly string[]): RowWriter {
  const root: Group = { start: '', isDemanded: true, members: new Map() };
  for (const [cell, name] of header.entries()) {
    if (name === '') throw new HeaderFault(`no name for column ${cell + 1}`);
    place(topic, root, name, cell);
  }
  const members = membersOf([...root.members.values()]);
  return (cells) => `{${members(cells)}}`;
}
