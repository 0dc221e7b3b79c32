-- Applies standings to a board; to the sets that are being built beside it, too, if there are any.
-- KEYS: board, ranks, versions, next ranks, next versions
-- ARGV: channel, time (ms), token of the rebuild that loads its sets ('' for the board itself), then for each person
--   user id, packed score ('' for none), version, time of the score (ms)
-- Returns missing | frozen | stale | lost | loaded, or applied with the last person's places before and after (from 0;
--   -1 for none) and the size of the board.
-- Packed scores stay the strings that they came as: Lua's tostring keeps 14 digits.
local board = redis.call('HMGET', KEYS[1], 'revision', 'state', 'building')
local loads = ARGV[3] ~= ''

local function put(ranks, versions, i)
  local member, packed, version = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local known = redis.call('HGET', versions, member)
  local newer = version - (known and string.match(known, '^%d+') or 0)
  if newer <= 0 then return 0 end
  if packed == '' then
    redis.call('ZREM', ranks, member)
  else
    redis.call('ZADD', ranks, packed, member)
  end
  redis.call('HSET', versions, member, version .. ' ' .. ARGV[i + 3])
  return newer
end

if loads and board[3] ~= ARGV[3] then return { 'lost' } end
if board[3] then
  local newer = 0
  for i = 4, #ARGV, 4 do newer = newer + put(KEYS[4], KEYS[5], i) end
  if newer > 0 then redis.call('HINCRBY', KEYS[1], 'nextVersions', newer) end
end
if loads then return { 'loaded' } end
if not board[1] then return { 'missing' } end
if board[2] == '2' then return { 'frozen' } end

local newer, from = 0, false
for i = 4, #ARGV, 4 do
  from = redis.call('ZREVRANK', KEYS[2], ARGV[i])
  newer = newer + put(KEYS[2], KEYS[3], i)
end
if newer == 0 then return { 'stale' } end
local revision = board[1] + newer
redis.call('HSET', KEYS[1], 'revision', revision, 'changedAt', ARGV[2])
redis.call('PUBLISH', ARGV[1], revision)
local to = redis.call('ZREVRANK', KEYS[2], ARGV[#ARGV - 3])
return { 'applied', from or -1, to or -1, redis.call('ZCARD', KEYS[2]) }
