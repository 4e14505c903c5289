/**
 * The part of the Redis library (Lua) that knows the peers of a shard: who is known, who is online and by which
 * tracker. Invariant: only the tracker that attached a peer last, which has its owner token, may change or hide it, and
 * none takes it back with a call that was made before that and comes late.
 * The peers of a tracker whose lease is over are hidden by whoever renews his own, a few at a time; leases are
 * compared with times of this Redis alone, and while nobody renewed any, no time has passed.
 *
 * - `i`: peer id to its number; `p:<number>`: the peer; `a`: who is online, by name; `l`: who left, by when.
 * - `n`: trackers and when their leases end; `n:<tracker>`: the numbers of the peers online by it.
 *
 * An owner token is `<epoch>:<tracker>.<attach>`: how often the peer has come in, anywhere, then which attach of which
 * tracker that was.
 */
import { maxRedisOldNames } from '../../core/limits/redis.ts';

export const luaPeers = `
-- Fails where the slot is being moved, before anything has been changed.
local function shardOf(keys)
  call = redis.call
  call('EXISTS', keys[1] .. ':!')
  return keys[1]
end

local function nowMs()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local emptySums = ('\\0'):rep(32)

local function epochOf(owner) return tonumber(owner:match('^(%d+):')) or 0 end

-- Who has the token may go on with 'ok'. One of a lower epoch is there after a failover that lost the last attach; of one
-- that tells none nobody knows which is the later.
local function standing(K, pid, owner)
  local is = call('HMGET', K .. ':p:' .. pid, 'w', 'v')
  if not is[1] then return missing end
  local isLost = is[1]:find(':', 1, true) and epochOf(is[1]) < epochOf(owner)
  if is[1] ~= owner then return isLost and missing or 'other' end
  return is[2] == '1' and 'ok' or 'hidden'
end

local function hide(K, pid, leftMs)
  local key = K .. ':p:' .. pid
  local is = call('HMGET', key, 'v', 'k', 'node', 'c')
  if is[1] ~= '1' then return end
  setOnline(K, pid, false)
  call('HINCRBY', K, 'away', is[4])
  call('HSET', key, 'v', '0', 'l', leftMs)
  call('ZREM', K .. ':a', is[2] .. '\\0' .. pid)
  call('SREM', K .. ':n:' .. is[3], pid)
  call('ZADD', K .. ':l', leftMs, pid)
end

local function show(K, pid)
  local key = K .. ':p:' .. pid
  local is = call('HMGET', key, 'k', 'node', 'c')
  setOnline(K, pid, true)
  call('HINCRBY', K, 'away', 0 - tonumber(is[3]))
  call('HSET', key, 'v', '1')
  call('ZADD', K .. ':a', 0, is[1] .. '\\0' .. pid)
  call('SADD', K .. ':n:' .. is[2], pid)
  call('ZREM', K .. ':l', pid)
end

local function stateOf(K, pid)
  local is = call('HMGET', K .. ':p:' .. pid, 'g', 'c', 's')
  return { 'ok', is[1], is[2], is[3]:sub(1, 16) }
end

local maxOldNames = ${maxRedisOldNames}

-- The names that a peer has had and that may not have been let go of yet.
local function oldNames(K, pid)
  local names = {}
  for name in (call('HGET', K .. ':p:' .. pid, 'x') or ''):gmatch('%Z+') do names[#names + 1] = name end
  return names
end

local function saveOldNames(K, pid, names)
  local key = K .. ':p:' .. pid
  if #names == 0 then call('HDEL', key, 'x') else call('HSET', key, 'x', table.concat(names, '\\0')) end
end

-- number, then names: they have been let go of
local function released(keys, args)
  local K = shardOf(keys)
  if call('EXISTS', K .. ':p:' .. args[1]) == 0 then return 'ok' end
  local isReleased = {}
  for at = 2, #args do isReleased[args[at]] = true end
  local left = {}
  for _, name in ipairs(oldNames(K, args[1])) do
    if not isReleased[name] then left[#left + 1] = name end
  end
  saveOldNames(K, args[1], left)
  return 'ok'
end

-- peer, name, name key, host, port, owner, tracker, lease, offered number, wall time. Gives 'names' to one that has had
-- so many names which nobody could let go of that no other can be noted, and 'later', with the epoch, to a call that
-- another attach has overtaken, or the end of its own.
local function attach(keys, args)
  local K = shardOf(keys)
  local peer, name, key, host, port, owner, node = unpack(args, 1, 7)
  local now = nowMs()
  local pid = call('ZSCORE', K .. ':i', peer)
  -- Told with every attach until they are said to be let go of, as whoever was to do that may have failed.
  local old = {}
  if pid then
    local was = call('HMGET', K .. ':p:' .. pid, 'a', 'o', 'k', 'w', 'v')
    local isRepeated = was[4] == owner and was[5] == '1'
    if epochOf(was[4]) >= epochOf(owner) and not isRepeated then
      return { 'later', tostring(epochOf(was[4])) }
    end
    for _, each in ipairs(oldNames(K, pid)) do
      if each ~= key and each ~= was[3] then old[#old + 1] = each end
    end
    if was[3] ~= key then old[#old + 1] = was[3] end
    if #old > maxOldNames then return { 'names' } end
    hide(K, pid, args[10])
    if was[1] ~= host or was[2] ~= port then call('HDEL', K .. ':p:' .. pid, 'r') end
    saveOldNames(K, pid, old)
  else
    local last = tonumber(call('HGET', K, 'pid') or '0')
    if args[9] == '' or tonumber(args[9]) <= last then return { 'number', tostring(last) } end
    pid = args[9]
    call('HSET', K, 'pid', pid)
    call('ZADD', K .. ':i', pid, peer)
    call('HSET', K .. ':p:' .. pid, 'i', peer, 'g', 0, 'c', 0, 's', emptySums)
  end
  call('HSET', K .. ':p:' .. pid, 'n', name, 'k', key, 'a', host, 'o', port, 'w', owner, 'node', node, 'l', args[10])
  call('ZADD', K .. ':n', 'GT', now + tonumber(args[8]), node)
  show(K, pid)
  local state = stateOf(K, pid)
  return { 'ok', state[2], state[3], state[4], tostring(pid), unpack(old) }
end

-- peer: how often it has come in
local function epoch(keys, args)
  local K = shardOf(keys)
  local pid = call('ZSCORE', K .. ':i', args[1])
  return pid and epochOf(call('HGET', K .. ':p:' .. pid, 'w')) or 0
end

-- wall time, then pairs of number and owner
local function detach(keys, args)
  local K = shardOf(keys)
  for at = 2, #args, 2 do
    if standing(K, args[at], args[at + 1]) == 'ok' then hide(K, args[at], args[1]) end
  end
  return 'ok'
end

-- Pairs of number and owner: of each, how it stands now.
local function revive(keys, args)
  local K = shardOf(keys)
  local found = {}
  for at = 1, #args, 2 do
    local is = standing(K, args[at], args[at + 1])
    if is == 'hidden' then
      show(K, args[at])
      is = 'ok'
    end
    found[#found + 1] = is
  end
  return found
end

local function hideSome(K, node, most, leftMs)
  local pids = call('SRANDMEMBER', K .. ':n:' .. node, most)
  for _, pid in ipairs(pids) do hide(K, pid, leftMs) end
  return call('EXISTS', K .. ':n:' .. node) == 1
end

-- What has been written here goes by this name: another one after a restart, a failover, or a move to another server.
local function historyOf()
  local info = redis.pcall('INFO', 'replication')
  return type(info) == 'string' and info:match('master_replid:(%x+)') or ''
end

-- tracker, lease, longest pause without anybody's beat, peers to hide at most
local function beat(keys, args)
  local K = shardOf(keys)
  local node, lease, pause, most = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
  local now = nowMs()
  local last = tonumber(call('HGET', K, 'beat') or now)
  call('HSET', K, 'beat', now)
  if now - last > pause or now < last then
    for _, each in ipairs(call('ZRANGE', K .. ':n', 0, -1)) do call('ZADD', K .. ':n', now + lease, each) end
  end
  call('ZADD', K .. ':n', now + lease, node)
  local hasMore = false
  local expired = call('ZRANGEBYSCORE', K .. ':n', '-inf', now, 'LIMIT', 0, 1)[1]
  if expired then
    hasMore = hideSome(K, expired, most, now)
    if not hasMore then call('ZREM', K .. ':n', expired) end
  end
  return { call('SCARD', K .. ':n:' .. node), hasMore and 1 or 0, call('LLEN', K .. ':gc'), historyOf() }
end

-- tracker: the numbers of the peers that are online by it
local function mine(keys, args)
  return call('SMEMBERS', shardOf(keys) .. ':n:' .. args[1])
end

-- tracker, wall time, its last attach when they were seen first, then numbers of peers that are online by it and should
-- not be
local function dismiss(keys, args)
  local K = shardOf(keys)
  for at = 4, #args do
    local is = call('HMGET', K .. ':p:' .. args[at], 'node', 'w')
    local isOlder = is[2] and tonumber(is[2]:match('%d+$')) <= tonumber(args[3])
    if is[1] == args[1] and isOlder then hide(K, args[at], args[2]) end
  end
  return 'ok'
end

-- tracker, peers to hide at most, wall time: gives whether there are more
local function leave(keys, args)
  local K = shardOf(keys)
  if hideSome(K, args[1], tonumber(args[2]), args[3]) then return 1 end
  call('ZREM', K .. ':n', args[1])
  return 0
end

-- tracker, how long: its peers stay online for the other trackers to take over
local function bequeath(keys, args)
  local K = shardOf(keys)
  if call('EXISTS', K .. ':n:' .. args[1]) == 0 then return call('ZREM', K .. ':n', args[1]) end
  return call('ZADD', K .. ':n', nowMs() + tonumber(args[2]), args[1])
end

local function reachable(keys, args)
  local K = shardOf(keys)
  local pid = call('ZSCORE', K .. ':i', args[1])
  if pid then call('HSET', K .. ':p:' .. pid, 'r', args[2]) end
  return 'ok'
end

local function summaryOf(K, pid)
  return call('HMGET', K .. ':p:' .. pid, 'k', 'i', 'n', 'a', 'o', 'c', 's', 'r')
end

-- the name key to begin after, how many
local function list(keys, args)
  local K = shardOf(keys)
  local from = args[1] == '' and '-' or ('(' .. args[1] .. '\\0\\255')
  local found = {}
  for _, member in ipairs(call('ZRANGEBYLEX', K .. ':a', from, '+', 'LIMIT', 0, args[2])) do
    found[#found + 1] = summaryOf(K, member:match('%z(%d+)$'))
  end
  return found
end

local function find(keys, args)
  local K = shardOf(keys)
  local pid = call('ZSCORE', K .. ':i', args[1])
  if not pid or call('HGET', K .. ':p:' .. pid, 'v') ~= '1' then return {} end
  return { summaryOf(K, pid) }
end

-- peer: the tracker that it is online by, if it is
local function whereabouts(keys, args)
  local K = shardOf(keys)
  local pid = call('ZSCORE', K .. ':i', args[1])
  local is = pid and call('HMGET', K .. ':p:' .. pid, 'v', 'node') or {}
  return is[1] == '1' and is[2]
end

local function facts(keys)
  local K = shardOf(keys)
  local last = call('ZREVRANGE', K .. ':i', 0, 0, 'WITHSCORES')
  local is = call('HMGET', K, 'files', 'shares')
  return {
    call('ZCARD', K .. ':a'), call('ZCARD', K .. ':i'), tonumber(is[1] or 0), tonumber(is[2] or 0),
    tonumber(last[2] or 0), call('LLEN', K .. ':gc'),
  }
end

-- when it left, number: forgets a peer that has not come back since and has no files
local function forget(keys, args)
  local K = shardOf(keys)
  local key = K .. ':p:' .. args[2]
  local is = call('HMGET', key, 'v', 'l', 'c', 'i')
  if is[1] ~= '0' or tonumber(is[2]) ~= tonumber(args[1]) or is[3] ~= '0' then return 0 end
  call('ZREM', K .. ':i', is[4])
  call('ZREM', K .. ':l', args[2])
  call('DEL', key)
  return 1
end
`;
