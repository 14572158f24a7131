import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { WeirError } from '../errors.js';
import { type Draft, isSection } from './layer.js';
import { settings } from './settings.js';
import { yamlFaults } from './yaml-fault.js';

const defaultConfigFile = 'weir.config.yaml';

/** The settings as they are written, and where. */
export interface ConfigFile {
  readonly values: Draft;
  /** `weir.config.yaml:3:9`: of the name or the value at a path, or of what is nearest to it. */
  placeOf(path: readonly PropertyKey[], part: 'name' | 'value'): string;
  /** Whether a value is written over several lines. */
  isLong(path: readonly PropertyKey[]): boolean;
}

function invalid(path: string, message: string): WeirError {
  return new WeirError('config-invalid', `${path}${message}`, { place: { path } });
}

/**
 * Reads `file`, else `weir.config.yaml` in `directory`; null where there is none.
 * @throws WeirError config-invalid
 */
export function readConfigFile(file: string | undefined, directory: string): ConfigFile | null {
  if (file !== undefined) return parseConfigFile(file, textOf(file, ''));
  const path = join(directory, defaultConfigFile);
  if (existsSync(path)) return parseConfigFile(defaultConfigFile, textOf(path, defaultConfigFile));
  const other = 'weir.config.yml';
  if (!existsSync(join(directory, other))) return null;
  throw invalid(other, `: expected the name ${defaultConfigFile}; rename it, or give --config`);
}

function textOf(path: string, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of a system call or of the decoder
    const reason =
      code === 'ENOENT'
        ? 'expected a configuration file, found none; check the path given with --config'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'expected UTF-8 text, found other bytes; save it as UTF-8'
          : `the configuration file cannot be read (${code}); check that it is a file and its permissions`;
    throw invalid(name || path, `: ${reason}`);
  }
}

/** @throws WeirError config-invalid, naming line and column */
function parseConfigFile(path: string, text: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error', // 'silent' would pass over a second document
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `:${line}:${col}`;
  };
  // A warning is a tag that nobody knows: taken as text it would be a wrong value.
  const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (fault !== undefined) {
    throw invalid(path, `${place(fault.pos[0])}: ${yamlFaults[fault.code]}`);
  }
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor !== undefined)
        throw invalid(path, `${place(node.range?.[0] ?? 0)}: ${yamlFaults.BAD_ALIAS}`);
    },
  });
  const end = (node: Node | null): number => node?.range?.[1] ?? 0;
  return {
    values: valuesOf(path, document),
    placeOf: (names, part) => `${path}${place(nodeAt(document, names, part)?.range?.[0] ?? 0)}`,
    isLong: (names) => {
      const node = nodeAt(document, names, 'value');
      return text.slice(node?.range?.[0] ?? 0, end(node)).includes('\n');
    },
  };
}

function valuesOf(path: string, document: Document): Draft {
  const values: unknown = document.toJS();
  if (values === null) return {};
  if (!isSection(values))
    throw invalid(path, ':1:1: expected settings, found other YAML; write "name: value"');
  const isSectionName = (name: string) => settings.some(({ path }) => path.startsWith(`${name}.`));
  // A section all of whose lines are comments is null.
  const given = Object.entries(values).filter(([name, value]) => {
    return value !== null || !isSectionName(name);
  });
  return Object.fromEntries(given);
}

/** The node at a path, or the innermost there is on the way to it. */
function nodeAt(
  document: Document,
  path: readonly PropertyKey[],
  part: 'name' | 'value',
): Node | null {
  let node: Node | null = document.contents;
  for (const [index, name] of path.entries()) {
    const pair = isMap<Node, Node | null>(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(name))
      : undefined;
    const item = isSeq<Node>(node) ? node.items[Number(name)] : undefined;
    const last = index === path.length - 1;
    const next = last && part === 'name' ? pair?.key : (pair?.value ?? pair?.key ?? item);
    if (next === undefined) break;
    node = next;
  }
  return node;
}
