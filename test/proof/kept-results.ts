import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Results of a long proof, one line of JSON each, so that several processes can share its runs. */
export interface KeptResults<Result> {
  readonly all: Result[];
  readonly keep: (result: Result) => void;
}

/** Those of a file, if it is there; without a name nothing is kept beyond the process. */
export function keptResults<Result>(file: string | undefined): KeptResults<Result> {
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text.split('\n').filter((line) => line !== '');
  const all: Result[] = lines.map((line) => JSON.parse(line));
  const keep = (result: Result): void => {
    all.push(result);
    const line = JSON.stringify(result);
    console.log(line);
    if (file !== undefined) appendFileSync(file, `${line}\n`);
  };
  return { all, keep };
}
