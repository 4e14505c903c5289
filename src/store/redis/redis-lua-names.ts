/**
 * The part of the Redis library (Lua) that is kept once in a cluster: which name belongs to which peer, each under
 * a key of its own; the last number that a peer was given; the list of trackers; and what they leave for each other. Invariant: a name that was
 * reserved for a peer and never confirmed is free again after a while, so that no crash keeps a name from all.
 */
export const luaNames = `
-- peer, time until it must be confirmed: gives who has it
local function reserve(keys, args)
  local owner = call('GET', keys[1])
  if owner then return owner end
  call('SET', keys[1], args[1], 'PX', args[2])
  return args[1]
end

-- One that was let go of since it was reserved is not kept: nobody would let go of it again.
local function confirm(keys, args)
  local owner = call('GET', keys[1])
  if owner == args[1] then call('PERSIST', keys[1]) end
  return owner
end

local function release(keys, args)
  if call('GET', keys[1]) == args[1] then call('DEL', keys[1]) end
  return 'ok'
end

local function owner(keys)
  return call('GET', keys[1])
end

-- a number that was given already: gives one above it
local function number(keys, args)
  if tonumber(call('GET', keys[1]) or 0) < tonumber(args[1]) then call('SET', keys[1], args[1]) end
  return call('INCR', keys[1])
end

-- tracker, lease, what to say of it: gives what is said of the others
local function announce(keys, args)
  local K = shardOf(keys)
  local now = nowMs()
  call('HSET', K, args[1], args[3])
  call('ZADD', K .. ':t', now + tonumber(args[2]), args[1])
  for _, ended in ipairs(call('ZRANGEBYSCORE', K .. ':t', '-inf', now)) do
    call('HDEL', K, ended)
    call('ZREM', K .. ':t', ended)
  end
  local others = {}
  local all = call('HGETALL', K)
  for at = 1, #all, 2 do
    if all[at] ~= args[1] then others[#others + 1] = all[at + 1] end
  end
  return others
end

-- texts that may wait, how long, a text: gives whether there was room
local function post(keys, args)
  if call('RPUSH', keys[1], args[3]) > tonumber(args[1]) then
    call('RPOP', keys[1])
    return 0
  end
  call('PEXPIRE', keys[1], args[2])
  return 1
end

local function collectLetters(keys)
  local texts = call('LRANGE', keys[1], 0, -1)
  call('DEL', keys[1])
  return texts
end

local function withdraw(keys, args)
  local K = shardOf(keys)
  call('HDEL', K, args[1])
  call('ZREM', K .. ':t', args[1])
  return 'ok'
end
`;
