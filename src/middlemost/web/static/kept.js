// What this browser keeps for one rater of one project, so that it outlives a reload. Nobody else's page reads it: the
// names begin with whose it is.

const whose = `middlemost:${document.body.dataset.keep}:`;

/** Remembers `value`; false where the browser will not (it is full, or forbids it). */
export function keep(name, value) {
  try {
    localStorage.setItem(whose + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(whose + name));
  } catch {
    return null;
  }
}

export function forget(name) {
  try {
    localStorage.removeItem(whose + name);
  } catch {
    // what cannot be kept need not be forgotten
  }
}

/** The names that begin with `start`, in order. */
export function names(start) {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(whose + start))
      .map((name) => name.slice(whose.length))
      .sort();
  } catch {
    return [];
  }
}
