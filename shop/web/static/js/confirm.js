// A question before what cannot be taken back: data-confirm on a button or a form.
export function startConfirm(root) {
  if (typeof HTMLDialogElement === "undefined") return;
  root.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const button = event.submitter;
      const question = button?.dataset.confirm ?? form.dataset.confirm;
      if (!question) return;
      if (form.dataset.confirmed) {
        delete form.dataset.confirmed;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(question).then((yes) => {
        if (!yes) {
          button?.focus();
          return;
        }
        form.dataset.confirmed = "1";
        form.requestSubmit(button);
      });
    },
    true,
  );
}

function ask(question) {
  const { textYes, textNo } = document.body.dataset;
  const dialog = document.createElement("dialog");
  const form = document.createElement("form");
  const text = document.createElement("p");
  const row = document.createElement("div");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "dialog-question");
  form.method = "dialog";
  text.id = "dialog-question";
  text.textContent = question;
  row.className = "row row--end";
  row.append(choice("no", textNo ?? "No", "button button--second"));
  row.append(choice("yes", textYes ?? "Yes", "button"));
  form.append(text, row);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function choice(value, label, className) {
  const button = document.createElement("button");
  button.value = value;
  button.className = className;
  button.textContent = label;
  return button;
}
