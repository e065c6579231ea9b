/** @import {Tree} from './config-difference.js' */
/** @import {Section} from './latent-plane.js' */
/** @import {Field} from './state.js' */
import { leaves } from './config-difference.js';
import { pythonLiteral, shellWord, visibleJson } from './quoting.js';

/**
 * A run on the screen, and what is to be had of it.
 * @typedef {object} Reproduced
 * @property {Tree} config what has to be said to train it again
 * @property {string} name empty if it has the name that it would be given anyway
 * @property {string | null} frozenFrom run whose encoder and decoder it was trained on
 * @property {{field: Field, resolution: number, bounds: readonly number[], epoch: number | null, section: Section} | null} density the grid on the screen
 * @property {number[][]} pins
 * @property {number | null} epoch a stored one that is shown; null: the present
 */

/**
 * @typedef {object} Screen
 * @property {string} server address
 * @property {string} address of the view
 * @property {boolean} token whether the server asks for one, which is never part of a text
 * @property {number} threshold of a hole
 * @property {Reproduced[]} runs
 */

const TOKEN_NOTE = "PRIORSCOPE_TOKEN has to hold the server's token.";

/**
 * Body of POST /api/runs. A frozen run has data and networks from its source.
 * @param {Reproduced} run
 * @returns {Tree}
 */
function bodyOf({ config, name, frozenFrom }) {
  const { prior, training } = config;
  const body = frozenFrom ? { frozen_from: frozenFrom, prior, training } : config;
  return name ? { ...body, name } : body;
}

/**
 * For a POSIX shell.
 * @param {Screen} screen
 * @returns {string}
 */
export function commandText({ server, address, token, threshold, runs }) {
  const there = `--server ${shellWord(server)}`;
  return [
    '# Where Priorscope is installed, with its environment activated. On the server of this page:',
    '# train the same runs, and list their holes.',
    ...(token ? [`# ${TOKEN_NOTE}`] : []),
    ...runs.flatMap((run, i) => [
      `run${i + 1}=$(priorscope train ${there} ${optionsOf(run).join(' ')} --id-only)`,
      `priorscope holes ${there} "$run${i + 1}" --tau ${threshold}${planeOption(run)}${run.epoch === null ? '' : ` --epoch ${run.epoch}`}`,
    ]),
    '',
    '# Their main figure; the newest runs come first.',
    `priorscope runs ${there} --limit ${runs.length}`,
    '',
    '# No command prints all other figures, the field or the decoded pins: see Python or curl.',
    ...viewNote(address),
    '',
  ].join('\n');
}

/** @param {Reproduced} run */
function planeOption({ density }) {
  return density?.section.plane ? ` --plane ${shellWord(density.section.plane)}` : '';
}

/**
 * What no text does: selections, lines, drawings and the look are the page's own.
 * @param {string} address
 */
function viewNote(address) {
  return ['# Selections, lines, drawings and the look of the page are in its address:', `# ${address}`];
}

/** @type {Record<string, string>} Fields with an option of their own. */
const OPTIONS = { dataset: '--dataset', 'prior.kind': '--prior', 'training.seed': '--seed', 'training.epochs': '--epochs' };

/** @param {Reproduced} run */
function optionsOf(run) {
  const { name, frozen_from: source, ...config } = bodyOf(run);
  const options = leaves(config).map(([path, value]) =>
    OPTIONS[path] ? `${OPTIONS[path]} ${shellWord(String(value))}` : `--set ${shellWord(`${path}=${assigned(value)}`)}`,
  );
  return [
    ...(source ? [`--frozen-from ${shellWord(String(source))}`] : []),
    ...options,
    ...(name ? [`--name=${shellWord(String(name))}`] : []),
  ];
}

/**
 * What follows the "=" of --set: JSON, or a text as it is where JSON would not read something else.
 * @param {unknown} value
 */
function assigned(value) {
  return typeof value === 'string' && /^[a-z_]+$/i.test(value) && !['true', 'false', 'null'].includes(value) ? value : visibleJson(value);
}

/**
 * @param {Screen} screen
 * @returns {string}
 */
export function pythonText({ server, address, token, threshold, runs }) {
  const wanted = runs.map((run) => {
    const { density, pins, epoch } = run;
    return `    (${pythonLiteral(bodyOf(run))}, ${epoch ?? 'None'}, ${density ? densityOptions(density) : 'None'}, ${pythonLiteral(pins)}),`;
  });
  const flat = runs.some(({ density }) => density);
  const planar = runs.some(({ density }) => density?.section.plane);
  const pinned = runs.some(({ pins }) => pins.length > 0);
  return [
    '# With the Python in which Priorscope is installed.',
    ...(token ? [`# ${TOKEN_NOTE}`, 'import os', ''] : []),
    'from backend.client import PriorscopeClient',
    '',
    `client = PriorscopeClient(${pythonLiteral(server)}${token ? ', token=os.environ["PRIORSCOPE_TOKEN"]' : ''})`,
    '# For each run on the screen: how it is trained, the epoch (None: the kept weights), the field, the pins.',
    'shown = [',
    ...wanted,
    ']',
    'for config, epoch, field, pins in shown:',
    '    run = client.create_run(config)',
    '    for event in client.events(run.id):',
    '        pass  # until it has ended',
    '    metrics = client.metrics(run.id)',
    '    print(run.id, run.name)',
    '    print("  test -ELBO", -metrics.test.elbo.value)',
    '    print("  test log p(x)", metrics.test.log_likelihood.value)',
    '    print("  KL(q||p)", metrics.train.marginal_kl.value)',
    `    print("  hole mass, p/q >= ${threshold}:", metrics.hole_mass["${threshold}"].value)`,
    `    holes = client.holes(run.id, tau=${threshold}, epoch=epoch${planar ? ', plane=(field or {}).get("plane")' : ''})`,
    '    print("  holes", holes.found, "the largest at", holes.holes[0].peak if holes.holes else None)',
    ...(flat ? ['    if field:', '        density = client.density(run.id, **field)', '        print("  field", density.field, density.values.shape, "from", density.values.min(), "to", density.values.max())'] : []),
    ...(pinned ? ['    if pins:', '        decoded = client.decode(run.id, pins)', '        print("  log p(z) of the pins", decoded.log_prior, "pictures", decoded.images.shape)'] : []),
    ...viewNote(address),
    '',
  ].join('\n');
}

/** @param {NonNullable<Reproduced['density']>} density */
function densityOptions({ field, resolution, bounds, epoch, section: { plane, at, reading } }) {
  const moment = epoch === null ? '' : `, "epoch": ${epoch}`;
  const on = plane ? `, "plane": "${plane}"${at ? `, "at": (${at.split(',').join(', ')})` : ''}, "reading": "${reading}"` : '';
  return `{"field": "${field}", "resolution": ${resolution}, "bounds": (${bounds.join(', ')})${moment}${on}}`;
}

/**
 * For a POSIX shell with curl.
 * @param {Screen} screen
 * @returns {string}
 */
export function curlText({ server, address, token, threshold, runs }) {
  const json = `-H 'content-type: application/json' --data-raw`;
  const curl = token ? 'curl -H "$authorization"' : 'curl';
  return [
    `server=${shellWord(server)}`,
    ...(token ? [`# ${TOKEN_NOTE}`, 'authorization="authorization: Bearer $PRIORSCOPE_TOKEN"'] : []),
    ...runs.flatMap((run, i) => {
      const { density, pins } = run;
      const body = shellWord(visibleJson(bodyOf(run)));
      return [
        '',
        `# Run ${i + 1} of ${runs.length}: train it, wait until it has ended, print its figures.`,
        `run=$(${curl} -fsS -D - -o /dev/null "$server/api/runs" ${json} ${body} | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')`,
        `${curl} -fsSN "$server$run/events" > /dev/null`,
        `${curl} -fsS "$server$run/metrics"; echo`,
        `${curl} -fsS "$server$run/holes?tau=${threshold}${run.epoch === null ? '' : `&epoch=${run.epoch}`}${density?.section.plane ? `&plane=${density.section.plane}` : ''}" -o holes-${i + 1}.json`,
        ...(density ? [`${curl} -fsS "$server$run/density?${densityQuery(density)}" -o density-${i + 1}.json`] : []),
        ...(pins.length > 0 ? [`${curl} -fsS "$server$run/decode" ${json} ${shellWord(visibleJson({ z: pins }))} -o pins-${i + 1}.json`] : []),
      ];
    }),
    '',
    ...viewNote(address),
    '',
  ].join('\n');
}

/** @param {NonNullable<Reproduced['density']>} density */
function densityQuery({ field, resolution, bounds, epoch, section }) {
  const moment = epoch === null ? '' : `&epoch=${epoch}`;
  const on = Object.entries(section).map(([name, value]) => `&${name}=${value}`).join('');
  return `field=${field}&resolution=${resolution}&bounds=${bounds.join(',')}${moment}${on}`;
}
