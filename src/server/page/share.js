import { byId, element, write } from './element.js';
import { count } from './format.js';

/** Shows what holds the work up, and which partitions and tasks are here; null hides it all. */
export function showShare(share) {
  byId('pauses').hidden = share === null || share.pauses.length === 0;
  byId('share').hidden = share === null;
  if (share === null) return;
  showPauses(share.pauses);
  const role = share.role === 'all' ? 'every role' : `role ${share.role}`;
  write(byId('share-role'), `${role}; other processes may hold more`);
  showLanes(share.lanes, share.lanes_count);
  showTasks(share.tasks, share.tasks_count);
}

/** Announced by screen readers when they change, not every second. */
function showPauses(pauses) {
  const box = byId('pauses');
  const known = JSON.stringify(pauses.map((one) => one.replace(/\d+ s\b/g, '')));
  if (box.dataset.known === known) return;
  box.dataset.known = known;
  box.replaceChildren(...pauses.map((one) => element('p', '', one)));
}

function showLanes(lanes, all) {
  const rows = lanes.map((lane) => {
    const place = element('th', '', `${lane.topic}/${lane.partition}`);
    place.scope = 'row';
    const behind = lane.lag > 0 ? `${count(lane.lag)} behind` : 'at its end';
    const lag = element('td', lane.lag > 0 ? 'behind' : '', behind);
    return element('tr', '', place, element('td', '', count(lane.taken)), lag);
  });
  byId('lanes').replaceChildren(...rows);
  const more = all > lanes.length ? `The ${lanes.length} furthest behind of ${all}` : '';
  write(byId('lanes-note'), all === 0 ? 'None are read here' : more);
}

function showTasks(tasks, all) {
  const kinds = new Map();
  for (const task of tasks) {
    const at = task.name.lastIndexOf('.');
    const kind = task.name.slice(0, at);
    if (!kinds.has(kind)) kinds.set(kind, []);
    kinds.get(kind).push({ ...task, partition: Number(task.name.slice(at + 1)) });
  }
  const rows = [...kinds].map(([kind, own]) => {
    own.sort((a, b) => a.partition - b.partition);
    return element('div', '', element('dt', '', kind), element('dd', '', ...own.map(chipOf)));
  });
  byId('tasks').replaceChildren(...rows);
  const more = all > tasks.length ? `${tasks.length} of ${all}, those that wait first` : '';
  write(byId('tasks-note'), all === 0 ? 'None are held here' : more);
}

/** A task by its number, with what is not as it should be in words. */
function chipOf({ partition, state, lag }) {
  const behind = lag > 0 ? `${count(lag)} behind` : '';
  const said = [state === 'running' ? '' : state, behind].filter(Boolean).join(', ');
  const chip = element('span', 'chip', said === '' ? String(partition) : `${partition} · ${said}`);
  chip.dataset.state = state;
  return chip;
}
