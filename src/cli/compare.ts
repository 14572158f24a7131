import { Command } from 'commander';
import { runReport, withReportOptions } from './monitor.js';

const help = `
The same as weir monitor without --window: exact statistics of two whole files.

Example:
  weir compare january.csv february.parquet --tests psi ks --format json`;

type Options = Omit<Parameters<typeof runReport>[0], 'reference' | 'input' | 'looks'>;

/** `weir compare`: two files, column by column. */
export function compareCommand(): Command {
  return withReportOptions(
    new Command('compare')
      .description('exact statistics of the columns of two files')
      .argument('<reference>', 'what to compare with')
      .argument('<input>', 'what may have drifted'),
  )
    .addHelpText('after', help)
    .action((reference: string, input: string, options: Options) =>
      runReport({ ...options, reference, input }),
    );
}
