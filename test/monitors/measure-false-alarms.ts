// Prints how often undrifted days raise an alarm; takes the number of seeds, 200 by default.
import { simulate } from './simulation.js';

const seeds = Number(process.argv[2] ?? 200);
for (const loyalty of [0, 0.7]) {
  let alarms = 0;
  let significant = 0;
  let runsWithSignificant = 0;
  let nominal = 0;
  let tests = 0;
  const started = performance.now();
  for (let seed = 1; seed <= seeds; seed++) {
    const run = simulate({ seed, features: 50, entities: 1500, loyalty }, 14, 60);
    if (run.state.episodes > 0) alarms++;
    const found = run.checks.filter(
      (check) => check.pValue !== null && check.pValue < check.level!,
    );
    significant += found.length;
    if (found.length > 0) runsWithSignificant++;
    tests += run.checks.length;
    nominal += run.checks.filter((check) => check.pValue !== null && check.pValue < 0.05).length;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `loyalty ${loyalty}: ${seeds} runs of 60 periods, 50 features: ${alarms} with an episode; ` +
      `${runsWithSignificant} with a significant check (${significant} of ${tests}); ` +
      `p < 0.05 in ${((100 * nominal) / tests).toFixed(2)} % of tests; always-alarm 100 %, never-alarm 0 %; ${seconds} s`,
  );
}
