/**
 * Hands something to the user as a file.
 * @param {string} name
 * @param {Blob} content
 */
export function saveBlob(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * @param {string} name
 * @param {HTMLCanvasElement} canvas
 */
export async function savePng(name, canvas) {
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) saveBlob(name, blob);
}
