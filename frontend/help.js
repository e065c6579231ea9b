import { openDialog } from './dialog.js';
import { el } from './dom.js';

/** @type {[string, string[]][]} */
const TOPICS = [
  [
    'What you see',
    [
      'Each panel is the latent plane of one trained variational auto-encoder. A dot is a test image, placed where the encoder puts it and coloured by its class. The contours are the chosen field: the prior (blue: the darker, the more often it proposes that place), the aggregated posterior (violet), or the log-ratio of the two (warm where the prior promises too much, cool where the data is uncovered, grey where hardly anything of either is).',
    ],
  ],
  [
    'Your data',
    [
      '“Data” at the top lists the data sets and takes new ones: arrays, zipped pictures, tables, IDX files, or a set of OpenML by its name. What a file would become is shown before it is added. A data set proposes the likelihood, the networks and the training that suit it; the forms say why.',
      'Where rows are vectors instead of pictures, each feature has a bar on the range of the training rows, with its value in its own unit. A bar that ends in a double line, and a value with ‹ or ›, lie beyond that range. Small charts have the same bars in the same order; their names come up under the pointer.',
    ],
  ],
  [
    'Points',
    [
      'The list beside the data set’s name chooses whose points are shown: test, validation or training rows. Of more than 10,000 points a panel draws some and says so; selections, counts, tables and the nearest point are of all. More than ten classes differ by colour and shape.',
    ],
  ],
  [
    'Prior',
    [
      'The distribution over the plane from which the model makes up new images: draw a place from the prior, decode it, and there is a picture.',
    ],
  ],
  [
    'Aggregated posterior',
    ['What the encoder really does with the data: all encoded images together, each with its own spread. The dots show its middle.'],
  ],
  [
    'Hole',
    [
      'A region that the prior proposes although hardly any image was encoded there. The decoder never learned what to draw in it, so its pictures tend to look like nothing. Holes are outlined with dashes and numbered by how much of the prior they hold; the list below the panels shows what comes out of each, beside the nearest real image.',
    ],
  ],
  [
    'The ratio in words',
    [
      '“The prior promises 40 times what the data put here”: p(z) is 40 times q(z). From the chosen threshold on (3, 10 or 100 times) such a place counts as a hole; the other way round it is uncovered.',
    ],
  ],
  [
    'Anatomy',
    [
      'What a prior is made of. Dots and ellipses: components with their weight and one scale around their mean; pictures: pseudo-inputs, once a panel is large enough; lines: the grid of a GTM, or of a flow’s base, bent into the plane.',
    ],
  ],
  [
    'Manifold',
    ['Decoded pictures all over the plane in place of the contours, each decoded in the middle of its tile. Zoom in, and new ones are decoded for what is in view.'],
  ],
  [
    'More than two latent dimensions',
    [
      'A panel then shows a plane of the latent space, chosen above the panels: two principal components of the encoded training images, two coordinates, or the plane through three pins. Its label says how densities are read. Marginal: all that lies beside the plane is integrated out, so a hole is a cylinder, and as large in the whole space as on the plane; exact for q, the standard normal and mixtures, a Monte Carlo estimate for the flow, with its number of draws and its error. Slice: the densities at the points of the plane.',
      'Encoded images, pins and components are projected onto the plane; a hollow pin lies beside it, as far as the number below it says. What is decoded under the pointer is the point of the plane: the sliders hold its other coordinates, or components. “Let the plane pass through” at a pin brings the plane to it. Hole masses, the log-likelihood and all other numbers are of the whole space.',
    ],
  ],
  [
    'One latent dimension',
    ['The panel shows p(z) and q(z) as curves, or their log-ratio, over a row of test images for each class; holes are shaded intervals.'],
  ],
  [
    'A line between two pins',
    [
      'In the list of pins, “Join” leads from one to another: a strip of the pictures on the straight line between them, and the log-ratio along it. Where the curve is above the dashed threshold, the line crosses a hole; the slider, or the chart itself, moves along it. Pins can be joined where they lie in one latent space: of one run, or of runs that share encoder and decoder.',
    ],
  ],
  [
    'Draw',
    [
      'Below the panels: draw a picture, or start from a test image, and every run on the stage encodes it. The diamond is the mean of its posterior, the ellipses are at one and two scales; beside it the reconstruction.',
    ],
  ],
  [
    'Reproduce',
    ['The command, the Python code and the curl calls that train the runs on the stage again and get their figures, the field that is shown and the decoded pins.'],
  ],
  [
    'Numbers',
    ['The “?” beside each heading says what a figure means, how it is computed and from how many samples. A heading sorts by its figure.'],
  ],
  [
    'Timeline',
    [
      'Below the panels: the epochs whose latent space was stored, from before the training to its end. All panels go through them together, with points, contours, holes and anatomy. Only the kept weights (the best epoch on the validation images, under “Now”) can decode: the card says so when the panels show another epoch. “Save animation” makes a GIF of all epochs; during a training “Pause live” holds the view still while the training goes on.',
    ],
  ],
  [
    'Selection',
    [
      'Test images chosen by a region of one plane keep their colours in all panels; the others turn grey. Below the panels: their pictures, how many there are of each class, and a table of where each run has them, as CSV. The address holds the region; the images stay the same while the points move with training.',
    ],
  ],
  [
    'Interrupted runs, and runs as files',
    [
      '“Resume” goes on from where a cancelled, interrupted or failed run stopped; it ends as if nothing had happened. Runs that the server left, because it was stopped or died, go on by themselves when it is back; a note below the run says so. “Run again” trains a new run from the start.',
      'In the menu of a run: “Export” saves its configuration, history, weights, figures, points and densities as one zip file.',
    ],
  ],
  [
    'Comparing runs',
    [
      'Runs that were trained separately have separate planes: the same coordinates mean different things in two panels. Compare shapes and numbers, not places. What links the panels is the test image: point at one, and it lights up in all of them.',
      '“Compare priors” starts several priors and seeds on the same data and settings. It can also train the priors alone, on the frozen encoder and decoder of a run: then all panels have one plane, one cursor and one decoded picture, and what differs is the prior’s doing alone.',
    ],
  ],
];

/** @type {[string, string][]} */
const CONTROLS = [
  ['Point', 'Shows the picture decoded at that place, in empty space too; ends when the pointer leaves.'],
  ['Click or tap', 'Pins the place (on a touch screen: tap, then “Pin”). Esc removes it.'],
  ['Drag, wheel', 'Pan, and zoom where the pointer is. The wheel zooms once the panel was clicked, or with Ctrl held.'],
  ['Two fingers', 'Move and zoom. One finger turns to the next panel, where one is shown at a time.'],
  ['Double click, 0', 'Shows the whole plane again.'],
  ['Arrow keys', 'Move the place in a focused panel; with Shift in large steps. Enter pins it. + and − zoom.'],
  ['1, 2, 3', 'In a focused panel: show the prior, the aggregated posterior or the log-ratio. H outlines holes, A shows the anatomy, M the manifold.'],
  ['Click a hole', 'In the list: the panel zooms to it, and its picture is pinned.'],
  ['On the canvas', 'Draw with mouse, pen or finger. With keys: arrows move from cell to cell, Space fills or empties it, + and − change its level.'],
  ['Shift-drag', 'Selects the test images in a box. With the tool “Select”, or on a touch screen, draw around them. S in a focused panel selects what is in view. Esc clears.'],
  ['Space, comma, full stop', 'In a focused panel: plays the training, steps back, steps forward.'],
  ['Legend', 'Click isolates a class, Shift-click adds one; the others turn grey.'],
  ['Ctrl or ⌘ Z', 'Takes the last change of the view back; with Shift, repeats it. The buttons at the top do the same.'],
  ['Address', 'Holds the view: copy it to come back to the same screen, or to show it to someone with the same store.'],
];

/** Opens the explanation of terms and controls. */
export function openHelp() {
  openDialog(
    'How to read this page',
    el(
      'div',
      { class: 'help' },
      ...TOPICS.flatMap(([title, texts]) => [el('h3', { text: title }), ...texts.map((text) => el('p', { text }))]),
      el('h3', { text: 'Controls' }),
      el('dl', {}, ...CONTROLS.flatMap(([term, text]) => [el('dt', { text: term }), el('dd', { text })])),
    ),
  );
}
