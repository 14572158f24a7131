import { closest } from './closest.js';
import type { Entry } from './layer.js';
import { toldName } from './problem.js';
import type { Environment } from './process-environment.js';
import { settings } from './settings.js';
import { textValue } from './text-value.js';

/** Variables of the tests: where servers and the public check-ins are. */
const ofTests = /^WEIR_(SERVERS_[A-Z]+|REQUIRE_SERVERS|NYC|TEST_[A-Z0-9_]+)$/;

/** What Kubernetes sets in every pod beside a service called weir, or weir-something. */
function ofKubernetes(name: string, value: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) ||
    (/_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/.test(name) &&
      (/^(tcp|udp|sctp):\/\//.test(value) || /_\d+_(TCP|UDP|SCTP)_/.test(name)))
  );
}

/** The settings that `WEIR_*` variables give, and what is wrong with others; empty is not set. */
export function environmentLayer(environment: Environment): {
  readonly entries: readonly Entry[];
  readonly problems: readonly string[];
} {
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const [name, text = ''] of Object.entries(environment).sort()) {
    if (!name.startsWith('WEIR_') || text === '' || ofTests.test(name)) continue;
    const setting = settings.find((one) => one.variable === name);
    if (ofKubernetes(name, text)) continue;
    if (setting === undefined) problems.push(unknown(name));
    else entries.push({ setting, value: textValue(setting, text), place: name });
  }
  return { entries, problems };
}

function unknown(name: string): string {
  const variables = settings.map((one) => one.variable);
  // WEIR_PORT misses a section, which no mistyping does.
  const within = variables.filter((one) => one.endsWith(name.slice('WEIR'.length)));
  const plain = variables.map((one) => one.slice('WEIR_'.length));
  const near = closest(name.slice('WEIR_'.length), plain);
  const meant = within.length > 0 && within.length < 6 ? within : near ? [`WEIR_${near}`] : [];
  const remedy =
    meant.length === 0
      ? 'unset it, or see docs/configuration.md for those there are'
      : `did you mean ${meant.join(' or ')}?`;
  return `${toldName(name)}: no such variable; ${remedy}`;
}
