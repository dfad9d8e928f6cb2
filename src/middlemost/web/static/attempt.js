// Doing what a button asks for, once.

/** Do `act`; meanwhile, and after it is done, `button` cannot be pressed again. Where it fails, `place` says why. */
export async function attempt(button, place, act) {
  button.disabled = true;
  try {
    await act();
  } catch ({ message, mend }) {
    button.disabled = false;
    place.textContent = `${message} ${mend ?? ""}`;
  }
}
