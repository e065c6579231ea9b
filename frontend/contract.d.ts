/** What travels between the page and the server. */

export interface WireArray {
  dtype: 'f4' | 'f8' | 'u1' | 'i4';
  bdata: string;
  shape: string;
}

export type Status = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted';

export interface Estimate {
  value: number;
  standard_error: number | null;
  estimator: string;
  samples: number | null;
}

export type SplitTerm = ElboTerm | 'mutual_information' | 'marginal_kl' | 'log_likelihood';
/** `bits_per_dimension`: of runs that were measured before there was one, not known. */
export type SplitFigures = Record<SplitTerm, Estimate> & { bits_per_dimension?: Estimate };
export type Threshold = '3' | '10' | '100';

/** Figures of a trained run; shares and masses run from 0 to 1, all else is in nats per image. */
export interface Figures {
  train: SplitFigures;
  test: SplitFigures;
  hole_mass: Record<Threshold, Estimate>;
  uncovered_mass: Record<Threshold, Estimate>;
  held_out_mass: Record<Threshold, Estimate>;
  hole_at_5_percent: Estimate;
  total_variation: Estimate;
  reverse_kl: Estimate;
  held_out_gap: Estimate;
  total_correlation: { total_correlation: Estimate; dimension_kl: Estimate[]; prior_dependence: Estimate } | null;
  dimension_mutual_information: Estimate[];
  /** What the likelihoods are of: only those of the same thing compare. */
  log_likelihood_of?: string;
}

export interface HoleCurve {
  epsilon: number[];
  mass: number[];
}

export interface Metrics extends Figures {
  hole_curve: HoleCurve;
}

export type ElboTerm = 'elbo' | 'reconstruction' | 'cross_entropy' | 'posterior_entropy';
export type ElboTerms = Record<ElboTerm, number>;

export interface Progress {
  epoch: number;
  epochs: number;
  seconds_left: number | null;
}

export interface RunConfig {
  dataset: string;
  latent_dim: number;
  prior: { kind: string; [option: string]: unknown };
  training: { seed: number; [option: string]: unknown };
  [part: string]: unknown;
}

export interface Run {
  id: string;
  name: string;
  status: Status;
  config: RunConfig;
  /** The run whose frozen encoder and decoder this one's prior was fitted to. */
  frozen_from?: string | null;
  progress: Progress;
  checkpoint: number;
  best_epoch: number | null;
  metrics: Figures | null;
  error: string | null;
  /** Whether `resume` would let it go on. */
  resumable: boolean;
  /** How often it went on after it had stopped. */
  resumed: number;
  /** Where it went on last, and after what. */
  note: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  versions: Versions;
}

/** The software that trained a run, and where; null where it has not begun. */
export interface Versions {
  priorscope: string;
  torch: string;
  numpy: string;
  python: string;
  device: string | null;
  precision: string | null;
}

export interface RunPage {
  items: Run[];
  total: number;
  limit: number;
  offset: number;
}

export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  maxLength?: number;
}

export interface PriorKind {
  kind: string;
  title: string;
  description: string;
  options: JsonSchema;
}

export type SplitName = 'train' | 'validation' | 'test';

/** What suits a data set: a run on it that leaves these out gets them. */
export interface Proposal {
  likelihood: { kind: string; [option: string]: unknown };
  network: { kind: string; [option: string]: unknown };
  training: Record<string, unknown>;
  /** A sentence for each choice. */
  why: string[];
}

export interface ValueStatistics {
  minimum: number;
  maximum: number;
  mean: number;
  /** Of the values, at the lowest or the highest level; null for real numbers. */
  share_at_extremes: number | null;
}

/** What is known of rows, imported or not. */
export interface DataSummary {
  id: string;
  title: string;
  description: string;
  kind: 'images' | 'vectors';
  image_shape: number[];
  num_values: number | null;
  feature_names: string[];
  /** Over the training rows; null for images. */
  feature_ranges: [number, number][] | null;
  label_names: string[];
  counts: Record<SplitName | 'total', number>;
  /** Training rows of each label. */
  class_counts: number[];
  statistics: ValueStatistics;
  proposal: Proposal;
}

export interface DatasetInfo extends DataSummary {
  /** Kinds of likelihoods and networks that do not fit the data, each with its reason. */
  misfits: Record<'likelihood' | 'network', Record<string, string>>;
  source: 'builtin' | 'found' | 'upload' | 'folder' | 'openml';
  removable: boolean;
  bytes: number;
  memory_mapped: boolean;
}

export interface Upload {
  id: string;
  filename: string;
  bytes: number;
  format: 'arrays' | 'pictures' | 'table' | 'idx';
}

export interface ImportOptions {
  id?: string;
  title?: string;
  description?: string;
  label_column?: string | null;
  image_size?: [number, number] | null;
  grey?: boolean;
  split?: Record<SplitName | 'seed', number>;
}

export interface Preview extends DataSummary {
  rows: number;
  notes: string[];
  sample: { images: WireArray | null; values: WireArray | null; label: WireArray };
}

export interface Import {
  id: string;
  title: string;
  status: 'running' | 'finished' | 'failed' | 'cancelled';
  message: string;
  done: number;
  total: number | null;
  dataset: string | null;
  error: string | null;
}

export interface WireImages {
  images: WireArray | null;
  values?: WireArray | null;
  label: WireArray;
  index: WireArray;
}

export interface WirePoints {
  loc: WireArray;
  scale: WireArray;
  label: WireArray;
  index: WireArray;
  split: SplitName;
  count: number;
  /** Rows of the split: stored epochs of large data sets hold some of them only. */
  total: number;
  checkpoint: number;
  epoch: number | null;
}

/** A plane of a latent space of more than two dimensions: z = origin + a axes[0] + b axes[1]. */
export interface PlaneInfo {
  plane: string;
  names: [string, string];
  origin: number[];
  axes: [number[], number[]];
  /** Share of the variance of q along each axis. */
  explained: [number, number];
  bounds: [number, number, number, number];
}

export interface PlaneDetails extends PlaneInfo {
  checkpoint: number;
  /** Beside the plane, at right angles. */
  directions: { name: string; axis: number[]; value: number; low: number; high: number; mean: number; explained: number }[];
  /** Log densities of p and of q in the whole space that nearly all draws exceed. */
  edge: [number, number];
}

export interface WireDensity {
  field: 'prior' | 'aggregated_posterior' | 'log_ratio';
  z1: WireArray;
  z2: WireArray;
  values: WireArray;
  integral: number | null;
  bounds: [number, number, number, number];
  checkpoint: number;
  epoch: number | null;
  reading: 'density' | 'marginal' | 'slice';
  plane: PlaneInfo | null;
  /** Draws behind an estimate of p; null where it is exact. */
  samples: number | null;
  standard_error: number | null;
  smallest_scale?: number | null;
  note: string | null;
}

export interface WirePanel {
  run: string;
  points: WirePoints;
  prior: WireDensity;
  aggregated_posterior: WireDensity;
  snapshots: number[];
}

export interface WireNearest {
  index: WireArray;
  label: WireArray;
  distance: WireArray;
}

/** Of images the pictures, of vectors the values: one is null. */
export interface WireDecoded {
  images: WireArray | null;
  values?: WireArray | null;
  draws: WireArray | null;
  draw_values?: WireArray | null;
  log_prior: WireArray;
  log_aggregated_posterior: WireArray;
  nearest: WireNearest;
  reencoded: { loc: WireArray; drift: WireArray } | null;
}

/** Closed curves of (z1, z2). */
export type Rings = [number, number][][];

export interface WirePlace {
  z: number[];
  log_ratio: number;
  image: WireArray | null;
  value?: WireArray | null;
  nearest: WireNearest;
  drift: number;
}

export interface WireHole {
  rank: number;
  mass: number;
  area: number;
  peak: [number, number];
  log_ratio_at_peak: number;
  contour: Rings;
  /** A past epoch has no decoder. */
  at_peak: WirePlace | null;
}

export interface WireHoles {
  checkpoint: number;
  epoch: number | null;
  tau: number;
  plane: PlaneInfo | null;
  hole_mass: Estimate;
  held_out_mass: Estimate;
  plane_hole_mass: Estimate | null;
  plane_held_out_mass: Estimate | null;
  holes: WireHole[];
  found: number;
  worst_samples: WirePlace[];
  note: string | null;
}

export interface WireAnatomy {
  checkpoint: number;
  epoch: number | null;
  kind: string;
  what: string;
  components: { loc: WireArray; scale: WireArray; weights: WireArray; effective_number: number } | null;
  pseudo_inputs: WireArray | null;
  pseudo_input_values?: WireArray | null;
  lines: number[][][] | null;
}

export interface WireEncoded {
  checkpoint: number;
  loc: WireArray;
  scale: WireArray;
  reconstruction: WireArray | null;
  reconstruction_values?: WireArray | null;
}

/** A grid of decoded pictures as one; row 0 of it has the largest z2. */
export interface WireManifold {
  checkpoint: number;
  resolution: number;
  bounds: [number, number, number, number];
  sprite: WireArray;
}

export interface WireSamples {
  z: WireArray;
  images: WireArray | null;
  values?: WireArray | null;
  log_prior: WireArray;
}

export interface History {
  epoch: number[];
  seconds: number[];
  train: Record<ElboTerm, number[]>;
  validation: Record<ElboTerm, number[]>;
}

export interface ProgressEvent extends Progress {
  run: string;
  checkpoint: number;
  /** The last epoch whose points and prior are stored. */
  snapshot: number | null;
}

export interface EpochEvent {
  run: string;
  epoch: number;
  seconds: number;
  train: ElboTerms;
  validation: ElboTerms;
}

export interface FieldProblem {
  field: string;
  message: string;
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
  errors?: FieldProblem[];
}
