/** A record that was not used: its coordinates, why, and its text as it came. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: 'invalid' | 'future' | 'late';
  readonly detail: string;
  readonly raw: string;
}
