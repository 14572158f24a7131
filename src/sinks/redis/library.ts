import { createHash } from 'node:crypto';

// A call brings keys of one node, not of one slot, so they come as arguments: Redis still checks
// each where it is used, and answers for one that it does not serve. `allow-cross-slot-keys` makes
// one call of many keys possible in a Cluster; docs/redis.md has what that saves. All that a key
// brings is one argument of lines: JSON has no line end, and eight arguments cost the client twice
// the time.
const body = `
local function position(text)
  local epoch, n = string.match(text, '^%[(%d+),(%d+)%]$')
  return tonumber(epoch), tonumber(n)
end

-- Order of what comes against what is held: below 0 older, 0 the same, above 0 newer; nil if
-- unread.
local function order(held, held_as_of, came, came_as_of)
  local epoch, n = position(held)
  local as_of = tonumber(held_as_of or nil)
  if not (epoch and as_of) then return nil end
  local came_epoch, came_n = position(came)
  if came_epoch ~= epoch then return came_epoch - epoch end
  if came_n ~= n then return came_n - n end
  return tonumber(came_as_of) - as_of
end

local foreign = 'FOREIGN the key holds something that Weir has not written'

local lines = '^${'([^\\n]*)\\n'.repeat(6)}(.*)$'

local function set(key, text)
  local at, as_of, valid_until, id, definition, ttl, features = string.match(text, lines)
  local held = redis.pcall('HMGET', key, 'position', 'as_of_ms')
  if held.err then return held.err end
  if held[1] then
    local by = order(held[1], held[2], at, as_of)
    if not by then return foreign end
    if by == 0 then return 0 end
    if by < 0 then return -1 end
  elseif redis.call('EXISTS', key) == 1 then
    return foreign
  end
  local done = redis.pcall('HSET', key, 'position', at, 'as_of_ms', as_of, 'features', features,
    'valid_until_ms', valid_until, 'key', id, 'definition', definition)
  if type(done) == 'table' then return done.err end
  if ttl ~= '0' then
    redis.call('PEXPIRE', key, ttl)
  elseif held[1] then
    redis.call('PERSIST', key)
  end
  return 1
end

local function weir(_, args)
  local answers = {}
  for i = 1, #args, 2 do
    answers[#answers + 1] = set(args[i], args[i + 1])
  end
  return answers
end
`;

const version = createHash('sha256').update(body).digest('hex').slice(0, 8);

/** Named by its text, so that a newer Weir's stands beside it. */
export const functionName = `weir_${version}`;

/**
 * The server-side library. `FCALL <functionName> 0` takes, for each key, its name and lines: its
 * `position`, `as_of_ms`, `valid_until_ms`, `key`, `definition`, its time to live in ms (0 for
 * none) and its `features`. It answers for each: 1 set, 0 the same is there, -1 a newer one is
 * there, or the
 * text of an error.
 */
export const libraryText = `#!lua name=${functionName}
${body}
redis.register_function{
  function_name = '${functionName}',
  callback = weir,
  flags = { 'allow-cross-slot-keys' },
}
`;
