/** Makes an element with a class, a text or children; texts are never read as markup. */
export function element(name, className = '', ...children) {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

/** Writes a text where it differs, so that nothing is announced or laid out in vain. */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export const byId = (id) => document.getElementById(id);

/** A colour of the style sheet, as it is in the scheme in force. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
