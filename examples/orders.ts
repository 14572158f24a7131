import { key, number, oneOf, pipeline, ratio, source, view } from 'weir';

const orders = source('orders', {
  key: 'customer',
  time: 'at',
  fields: { customer: key(), status: oneOf('placed', 'returned'), amount: number(0) },
});

const customer = view({
  name: 'customer',
  key: 'customer',
  source: orders,
  features: (on) => ({
    placed: on.count({ where: { status: 'placed' }, over: ['24h', '7d'] }),
    returned: on.count({ where: { status: 'returned' }, over: '7d' }),
    spent: on.sum('amount', { where: { status: 'placed' }, over: ['24h', '7d'] }),
  }),
  derive: (f) => ({ return_rate: ratio(f.returned, f.placed_7d) }),
});

export default pipeline({ name: 'shop', views: [customer] });
