import { Command } from 'commander';
import { referenceCaptureCommand } from './reference-capture.js';
import { referenceListCommand, referenceShowCommand } from './reference-show.js';
import { referenceUseCommand, referenceUsedCommand } from './reference-use.js';

/** `weir reference`: what drift is measured against. */
export function referenceCommand(): Command {
  return new Command('reference')
    .description('references that drift is measured against')
    .addCommand(referenceCaptureCommand())
    .addCommand(referenceListCommand())
    .addCommand(referenceShowCommand())
    .addCommand(referenceUseCommand())
    .addCommand(referenceUsedCommand());
}
