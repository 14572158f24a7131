import type { ErrorCode } from 'yaml';

/**
 * What a fault of YAML means, without the text at its place: the parser's own message quotes it,
 * and it may be a password.
 */
export const yamlFaults: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag; remove them',
  BAD_ALIAS: 'a value cannot begin with * or & (aliases are not taken); put it in quotes',
  BAD_COLLECTION_TYPE: 'the tag (!…) does not fit; remove it',
  BAD_DIRECTIVE: 'a line cannot begin with %; put the value in quotes',
  BAD_DQ_ESCAPE:
    'no such escape in double quotes; write \\\\ for a backslash, or use single quotes',
  BAD_INDENT:
    'the indentation does not fit; indent the settings of a section alike, and close brackets',
  BAD_PROP_ORDER: 'an anchor or a tag stands where none may be; put the value in quotes',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second "name: value" on one line; put the value in quotes',
  BLOCK_IN_FLOW: 'a block within brackets; write it on lines of its own',
  DUPLICATE_KEY: 'the setting is given twice; remove one of the two',
  IMPOSSIBLE: 'the text cannot be read as YAML; write "name: value"',
  KEY_OVER_1024_CHARS: 'the name is too long; write "name: value"',
  MISSING_CHAR:
    'a character is missing: a quote, a bracket, a comma, or the colon of "name: value"',
  MULTILINE_IMPLICIT_KEY: 'expected "name: value" on one line; add the colon, or close the quotes',
  MULTIPLE_ANCHORS: 'two anchors (&) at one value; put the value in quotes',
  MULTIPLE_DOCS: 'a second document begins (---); keep one',
  MULTIPLE_TAGS: 'two tags (!) at one value; put the value in quotes',
  NON_STRING_KEY: 'expected a name before the colon; write "name: value"',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply; write sections of settings',
  TAB_AS_INDENT: 'a tab cannot indent; use spaces',
  TAG_RESOLVE_FAILED: 'a value cannot begin with !; put it in quotes',
  UNEXPECTED_TOKEN:
    'the text does not belong here; write "name: value", quoting special characters',
};
