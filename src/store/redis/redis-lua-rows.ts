/**
 * The part of the Redis library (Lua) that keeps the rows of a shard: a content at a path with a size, and which
 * known peers of this shard hold it. Invariant: a row that nobody holds is found by nothing and waits in `gc` for
 * its words to be taken out of the index.
 *
 * - `r:<fid / 128>`: field fid mod 128: content id (32), entry digest (16), size (8), time (6), path.
 * - `h:<fid / 128>`: the same field: numbers of the holders, ascending, 4 bytes each; `*` when they are in the
 *   list `H:<fid>`.
 * - `c:<first 12 bits of a content id>`: field its first 16 bytes: rows that somebody holds, 10 bytes each: fid and 6 bytes
 *   of a hash of the path; `*` when they are more than six. Then the list `D:<first 16 bytes>` has them, and the hash
 *   `C:<first 16 bytes>` those at each path, so that one more costs the same however many there are.
 * - `o:<pid / 4096>`: a bit for each peer that is online.
 */
import { maxRedisPackedBytes } from '../../core/limits/redis.ts';

export const luaRows = `
local blockRows = 128
local maxPacked = ${maxRedisPackedBytes}
local seenCopies = 32

local function blockOf(fid) return math.floor(fid / blockRows), fid % blockRows end

local function rowOf(K, fid)
  local block, field = blockOf(fid)
  return call('HGET', K .. ':r:' .. block, field)
end

local function sizeIn(row) return read4(row, 49) * 4294967296 + read4(row, 53) end

-- Who is online, read once in a call.
local function presence(K)
  local blocks = {}
  return function(pid)
    local block = math.floor(pid / 4096)
    local bits = blocks[block]
    if bits == nil then
      bits = call('GET', K .. ':o:' .. block) or ''
      blocks[block] = bits
    end
    local at = pid % 4096
    local byte = string.byte(bits, math.floor(at / 8) + 1) or 0
    return bit.band(byte, bit.rshift(128, at % 8)) ~= 0
  end
end

local function setOnline(K, pid, isOnline)
  call('SETBIT', K .. ':o:' .. math.floor(pid / 4096), pid % 4096, isOnline and 1 or 0)
end

local function holdersOf(K, fid)
  local block, field = blockOf(fid)
  return call('HGET', K .. ':h:' .. block, field)
end

local function holds(K, fid, pid)
  local packed = holdersOf(K, fid)
  if not packed then return false end
  if packed == '*' then return has(K .. ':H:' .. fid, pid) end
  for at = 1, #packed, 4 do
    if read4(packed, at) == pid then return true end
  end
  return false
end

local function join(K, fid, pid)
  local block, field = blockOf(fid)
  local key = K .. ':h:' .. block
  local packed = call('HGET', key, field) or ''
  if packed == '*' then
    insert(K .. ':H:' .. fid, pid)
    return
  end
  local at = 1
  while at <= #packed and read4(packed, at) < pid do at = at + 4 end
  packed = packed:sub(1, at - 1) .. pack4(pid) .. packed:sub(at)
  if #packed > maxPacked then
    for each = 1, #packed, 4 do insert(K .. ':H:' .. fid, read4(packed, each)) end
    packed = '*'
  end
  call('HSET', key, field, packed)
end

-- Gives whether nobody holds the row any more.
local function part(K, fid, pid)
  local block, field = blockOf(fid)
  local key = K .. ':h:' .. block
  local packed = call('HGET', key, field) or ''
  if packed == '*' then
    if not remove(K .. ':H:' .. fid, pid) then return false end
    packed = ''
  else
    for at = 1, #packed, 4 do
      if read4(packed, at) == pid then
        packed = packed:sub(1, at - 1) .. packed:sub(at + 4)
        break
      end
    end
  end
  if packed == '' then call('HDEL', key, field) else call('HSET', key, field, packed) end
  return packed == ''
end

-- Calls visit with each live holder from a number on, ascending, until that gives true.
local function liveHolders(K, fid, isOnline, from, visit)
  local packed = holdersOf(K, fid)
  if not packed then return end
  if packed == '*' then
    ascend(K .. ':H:' .. fid, from, function(pid) return isOnline(pid) and visit(pid) end)
    return
  end
  for at = 1, #packed, 4 do
    local pid = read4(packed, at)
    if pid >= from and isOnline(pid) and visit(pid) then return end
  end
end

local function copiesOf(K, fid, isOnline, most)
  local copies = 0
  liveHolders(K, fid, isOnline, 0, function()
    copies = copies + 1
    return copies >= most
  end)
  return copies
end

local function pathKey(path) return redis.sha1hex(path):sub(1, 12) end

-- The rows of contents, read once in a call and written at its end.
local function contentsOf(K)
  local known = {}
  local contents = {}
  local function get(id)
    local field = id:sub(1, 16)
    local entry = known[field]
    if entry == nil then
      local first, second = string.byte(id, 1, 2)
      local key = K .. ':c:' .. (first * 16 + math.floor(second / 16))
      entry = { key = key, field = field, packed = call('HGET', key, field) or '', isChanged = false }
      entry.rows, entry.paths = K .. ':D:' .. field, K .. ':C:' .. field
      if entry.packed == '*' then entry.packed = nil end
      known[field] = entry
    end
    return entry
  end
  local function addAt(entry, path, fid)
    local field = pathKey(path)
    call('HSET', entry.paths, field, (call('HGET', entry.paths, field) or '') .. pack4(fid))
    append(entry.rows, { fid })
  end
  local function spread(entry)
    for at = 1, #entry.packed, 10 do
      local fid = read4(entry.packed, at)
      addAt(entry, rowOf(K, fid):sub(63), fid)
    end
    call('HSET', entry.key, entry.field, '*')
    entry.packed, entry.isChanged = nil, false
  end
  function contents.has(id) return get(id).packed ~= '' end
  -- The rows that the content has had before must have been written, and have smaller numbers.
  function contents.add(id, fid, path6, path)
    local entry = get(id)
    if entry.packed and #entry.packed == maxPacked then spread(entry) end
    if entry.packed then
      entry.packed = entry.packed .. pack4(fid) .. path6
      entry.isChanged = true
    else
      addAt(entry, path, fid)
    end
  end
  -- Without the number in it, which lies at a multiple of some bytes.
  local function without(packed, fid, width)
    local wanted = pack4(fid)
    local at = packed:find(wanted, 1, true)
    while at and at % width ~= 1 do at = packed:find(wanted, at + 1, true) end
    return at and packed:sub(1, at - 1) .. packed:sub(at + width) or packed
  end
  function contents.drop(id, fid, path)
    local entry = get(id)
    if entry.packed then
      entry.packed = without(entry.packed, fid, 10)
      entry.isChanged = true
      return
    end
    local field = pathKey(path)
    local left = without(call('HGET', entry.paths, field) or '', fid, 4)
    if left == '' then call('HDEL', entry.paths, field) else call('HSET', entry.paths, field, left) end
    if remove(entry.rows, fid) then
      entry.packed, entry.isChanged = '', true
    end
  end
  -- The rows of a content at a path.
  function contents.at(id, path6, path)
    local found = {}
    local function look(fid)
      local row = rowOf(K, fid)
      if row and row:sub(1, 32) == id and row:sub(63) == path then
        found[#found + 1] = { fid = fid, row = row }
      end
    end
    local packed = get(id).packed
    if not packed then
      local fids = call('HGET', get(id).paths, pathKey(path)) or ''
      for at = 1, #fids, 4 do look(read4(fids, at)) end
      return found
    end
    for at = 1, #packed, 10 do
      if packed:sub(at + 4, at + 9) == path6 then look(read4(packed, at)) end
    end
    return found
  end
  -- Calls visit with so many of its rows at most, newest first, until that gives true.
  function contents.newest(id, most, visit)
    local entry = get(id)
    if entry.packed then
      for at = #entry.packed - 9, math.max(1, #entry.packed - 10 * most + 1), -10 do
        if visit(read4(entry.packed, at)) then return end
      end
      return
    end
    local borders = bordersOf(entry.rows)
    for place = #borders + 1, 1, -1 do
      local numbers = numbersOf(setAt(entry.rows, borders, place))
      for at = #numbers, 1, -1 do
        if most == 0 or visit(numbers[at]) then return end
        most = most - 1
      end
    end
  end
  function contents.save()
    for field, entry in pairs(known) do
      if entry.isChanged and entry.packed == '' then
        call('HDEL', entry.key, field)
      elseif entry.isChanged then
        call('HSET', entry.key, field, entry.packed)
      end
    end
  end
  return contents
end
`;
