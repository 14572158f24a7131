import type { Batch } from './cell.js';
import type { TextDictionary } from './text-dictionary.js';

/** Rows that could not be read, which are left out and take no row number. */
export interface BrokenRows {
  count: number;
  /** The first one and what is wrong with it; '' where there is none. */
  first: string;
}

/** A file as columns, read once from its start to its end. */
export interface Table {
  readonly path: string;
  readonly names: readonly string[];
  /** Names are known with the first batch; else they grow, as a field may turn up in any row. */
  readonly isFixed: boolean;
  readonly broken: BrokenRows;
  batches(): AsyncGenerator<Batch, void>;
}

export interface TableOptions {
  /** Columns that are wanted, all by default; others are passed over unread. */
  readonly wanted?: ((name: string) => boolean) | undefined;
  /** Texts of columns by name; shared by the tables that are compared. */
  readonly dictionaries: Map<string, TextDictionary>;
  /** Told how much of the file has been read, a share from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}
