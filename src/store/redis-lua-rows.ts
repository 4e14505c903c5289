/**
 * The part of the Redis library (Lua) that keeps the rows of a shard: a content at a path with a size, and which
 * known peers of this shard hold it. Invariant: a row that nobody holds is found by nothing and waits in `gc` for
 * its words to be taken out of the index.
 *
 * - `r:<fid / 128>`: field fid mod 128: content id (32), entry digest (16), size (8), time (6), path.
 * - `h:<fid / 128>`: the same field: numbers of the holders, ascending, 4 bytes each; `*` when they are in the
 *   list `H:<fid>`.
 * - `c:<first 12 bits of a content id>`: field its first 16 bytes: rows that somebody holds, 10 bytes each: fid and 6 bytes
 *   of a hash of the path; `*` when they are in the string `C:<first 16 bytes>`.
 * - `o:<pid / 4096>`: a bit for each peer that is online.
 */
export const luaRows = `
local blockRows = 128
local maxPacked = 60
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

-- The rows of contents, read once in a call and written at its end.
local function contentsOf(K)
  local known = {}
  local contents = {}
  local function place(id)
    local first, second = string.byte(id, 1, 2)
    return K .. ':c:' .. (first * 16 + math.floor(second / 16)), id:sub(1, 16)
  end
  function contents.get(id)
    local key, field = place(id)
    local entry = known[field]
    if entry == nil then
      local packed = call('HGET', key, field) or ''
      local isApart = packed == '*'
      if isApart then packed = call('GET', K .. ':C:' .. field) or '' end
      entry = { packed = packed, key = key, isApart = isApart, isChanged = false }
      known[field] = entry
    end
    return entry
  end
  function contents.add(id, fid, path6)
    local entry = contents.get(id)
    entry.packed = entry.packed .. pack4(fid) .. path6
    entry.isChanged = true
  end
  function contents.drop(id, fid)
    local entry = contents.get(id)
    local wanted = pack4(fid)
    local at = entry.packed:find(wanted, 1, true)
    while at and at % 10 ~= 1 do at = entry.packed:find(wanted, at + 1, true) end
    if not at then return end
    entry.packed = entry.packed:sub(1, at - 1) .. entry.packed:sub(at + 10)
    entry.isChanged = true
  end
  -- The rows of a content at a path.
  function contents.at(id, path6, path)
    local packed = contents.get(id).packed
    local found = {}
    local from = 1
    while true do
      local at = packed:find(path6, from, true)
      if not at then return found end
      if at % 10 == 5 then
        local fid = read4(packed, at - 4)
        local row = rowOf(K, fid)
        if row and row:sub(1, 32) == id and row:sub(63) == path then
          found[#found + 1] = { fid = fid, row = row }
        end
      end
      from = at + 1
    end
  end
  function contents.save()
    for field, entry in pairs(known) do
      if entry.isChanged then
        if entry.packed == '' then
          call('HDEL', entry.key, field)
          if entry.isApart then call('DEL', K .. ':C:' .. field) end
        elseif entry.isApart or #entry.packed > maxPacked then
          call('SET', K .. ':C:' .. field, entry.packed)
          if not entry.isApart then call('HSET', entry.key, field, '*') end
        else
          call('HSET', entry.key, field, entry.packed)
        end
      end
    end
  end
  return contents
end
`;
