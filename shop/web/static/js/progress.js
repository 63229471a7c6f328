// Work that goes on behind the page. The address in data-poll answers
// {state: "running" | "done" | "failed", done, total, text, url}.
const FIRST_WAIT_MS = 700;
const LONGEST_WAIT_MS = 5000;

export function startProgress(root) {
  for (const element of root.querySelectorAll("[data-poll]")) follow(element, FIRST_WAIT_MS);
}

async function follow(element, wait) {
  await new Promise((resolve) => setTimeout(resolve, wait));
  let report;
  try {
    const answer = await fetch(element.dataset.poll, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    report = await answer.json();
  } catch {
    follow(element, Math.min(LONGEST_WAIT_MS, wait * 2));
    return;
  }
  paint(element, report);
  if (report.state === "done" || report.state === "failed") {
    if (report.url) window.location.assign(report.url);
    else window.location.reload();
    return;
  }
  follow(element, document.hidden ? LONGEST_WAIT_MS : FIRST_WAIT_MS);
}

function paint(element, report) {
  const bar = element.querySelector("progress");
  const count = element.querySelector("[data-progress-count]");
  const text = element.querySelector("[data-progress-text]");
  if (bar && report.total) {
    bar.max = report.total;
    bar.value = report.done;
  }
  if (count && report.total) count.textContent = `${report.done} / ${report.total}`;
  if (text && report.text !== undefined && text.textContent !== report.text) {
    text.textContent = report.text;
  }
}
