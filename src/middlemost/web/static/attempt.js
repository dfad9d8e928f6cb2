// Doing what a form asks for, once.

/** Do `act`, which leads to another page; meanwhile the form cannot be sent again. Where it fails, `place` says why. */
export async function attempt(form, place, act) {
  const button = form.querySelector(".send");
  button.disabled = true;
  try {
    await act();
  } catch ({ message, mend }) {
    button.disabled = false;
    place.textContent = `${message} ${mend ?? ""}`;
  }
}
