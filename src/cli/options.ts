import { WeirError } from '../errors.js';

/** A count given as text; `wrong-use` where it is none from 1 to `max`. */
export function countOption(name: string, text: string, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new WeirError(
    'wrong-use',
    `${name}: expected a whole number from 1 to ${max}; found '${text}'`,
  );
}
