export {
  add,
  and,
  atLeast,
  coalesce,
  cos,
  dayNumber,
  dayOfMonth,
  dayOfWeek,
  type Expr,
  equal,
  haversineKm,
  hourOfDay,
  indicator,
  less,
  log1p,
  month,
  multiply,
  not,
  or,
  radians,
  ratio,
  sqrt,
  subtract,
} from './features/expression.js';
export { key, number, oneOf, optional, text, texts } from './features/fields.js';
export { required, source, table, together } from './features/source.js';
export { type RowOf, view } from './features/view.js';
export { model } from './models/definition.js';
export { monitor } from './monitors/definition.js';
export { pipeline } from './streams/pipeline.js';
