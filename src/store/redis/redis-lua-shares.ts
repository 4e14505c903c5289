/**
 * The part of the Redis library (Lua) that changes shares. Invariant: after each call the count, the bytes and the
 * digest of a peer are those of the rows it holds.
 * - `s:<number>`: the list of the rows that a peer holds; `w:<token>`: the list of the rows that have a token;
 *   `gc`: rows that nobody holds any more.
 */
import { maxSizesPerPath } from '../../core/limits/redis.ts';

export const luaShares = `
local function shareOf(K, pid)
  local is = call('HMGET', K .. ':p:' .. pid, 's', 'c')
  local share = { K = K, pid = tonumber(pid), added = 0, removed = 0, files = 0, contents = contentsOf(K) }
  share.limbs = { struct.unpack('>I4I4I4I4I4I4I4I4', is[1]) }
  share.count = tonumber(is[2])
  return share
end

local function addLimbs(limbs, first, last, values, sign)
  local carry = 0
  for at = last, first, -1 do
    local value = limbs[at] + sign * (values[at - first + 1] or 0) + carry
    carry = math.floor(value / 4294967296)
    limbs[at] = value - carry * 4294967296
  end
end

local function sum(share, row, sign)
  addLimbs(share.limbs, 1, 4, { struct.unpack('>I4I4I4I4', row, 33) }, sign)
  addLimbs(share.limbs, 5, 8, { 0, 0, struct.unpack('>I4I4', row, 49) }, sign)
  share.count = share.count + sign
end

local function saveShare(share)
  if share.added + share.removed == 0 then return end
  local K = share.K
  share.contents.save()
  call('HSET', K .. ':p:' .. share.pid, 'c', share.count, 's', struct.pack('>I4I4I4I4I4I4I4I4', unpack(share.limbs, 1, 8)))
  call('HINCRBY', K, 'shares', share.added - share.removed)
  if share.files ~= 0 then call('HINCRBY', K, 'files', share.files) end
end

local function leaveRow(share, fid, row)
  local K = share.K
  remove(K .. ':s:' .. share.pid, fid)
  sum(share, row, -1)
  share.removed = share.removed + 1
  if part(K, fid, share.pid) then
    share.contents.drop(row:sub(1, 32), fid, row:sub(63))
    call('RPUSH', K .. ':gc', fid)
    share.files = share.files - 1
  end
end

local function joinRow(share, fid, row)
  join(share.K, fid, share.pid)
  insert(share.K .. ':s:' .. share.pid, fid)
  sum(share, row, 1)
  share.added = share.added + 1
end

local function heldOf(share, variants)
  for _, variant in ipairs(variants) do
    if holds(share.K, variant.fid, share.pid) then return variant end
  end
end

local function isWord(token) return not token:find('[:~]') end

local function addToken(K, token, fids)
  local key = K .. ':w:' .. token
  if not isWord(token) then
    appendLoosely(key, fids)
  elseif append(key, fids) then
    addWord(K, token)
  end
end

-- New rows of one call, written together at its end: their numbers are above all others.
local function newRowsOf(share)
  local K = share.K
  local news = { fids = {}, rows = {}, holders = {} }
  local last = nil
  local pid4 = pack4(share.pid)
  function news.add(row)
    last = (last or tonumber(call('HGET', K, 'fid') or 0)) + 1
    local block, field = blockOf(last)
    local rows, held = news.rows[block] or {}, news.holders[block] or {}
    rows[#rows + 1], rows[#rows + 2] = field, row
    held[#held + 1], held[#held + 2] = field, pid4
    news.rows[block], news.holders[block] = rows, held
    news.fids[#news.fids + 1] = last
    return last
  end
  function news.save()
    if not last then return end
    call('HSET', K, 'fid', last)
    for block, rows in pairs(news.rows) do call('HSET', K .. ':r:' .. block, unpack(rows)) end
    for block, held in pairs(news.holders) do call('HSET', K .. ':h:' .. block, unpack(held)) end
    append(K .. ':s:' .. share.pid, news.fids)
    news.fids, news.rows, news.holders = {}, {}, {}
    last = nil
  end
  return news
end

-- number, owner, files at most, how many removes and adds; of each remove id and path hash, path; of each add id,
-- path hash, entry digest and size, and one byte more if it cannot be taken, then path; then tokens, each with the
-- places of the adds that have it, a byte each. Gives how each add went: taken, same, or refused as beyond the limit,
-- bad, or of one size too many.
local function apply(keys, args)
  local K = shardOf(keys)
  local pid, owner, most, removes, adds = args[1], args[2], tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  local is = standing(K, pid, owner)
  if is ~= 'ok' then return { is } end
  local share = shareOf(K, pid)
  local at = 6
  for _ = 1, removes do
    local head, path = args[at], args[at + 1]
    local held = heldOf(share, share.contents.at(head:sub(1, 32), head:sub(33, 38), path))
    if held then leaveRow(share, held.fid, held.row) end
    at = at + 2
  end
  local news = newRowsOf(share)
  local stamp = nil
  local fresh = {}
  local went = {}
  for each = 1, adds do
    local head, path = args[at], args[at + 1]
    local id, path6, tail = head:sub(1, 32), head:sub(33, 38), head:sub(39, 62)
    if share.contents.has(id) then news.save() end
    local variants = share.contents.at(id, path6, path)
    local held = heldOf(share, variants)
    if held and held.row:sub(33, 56) == tail then
      went[each] = 's'
    else
      if held then leaveRow(share, held.fid, held.row) end
      if share.count >= most then
        went[each] = 'l'
      elseif #head > 62 then
        went[each] = 'b'
      else
        local known = nil
        for _, variant in ipairs(variants) do
          if variant ~= held and variant.row:sub(33, 56) == tail then known = variant end
        end
        if known then
          joinRow(share, known.fid, known.row)
          went[each] = 't'
        elseif #variants >= ${maxSizesPerPath} then
          went[each] = 'v'
        else
          if not stamp then
            local now = nowMs()
            stamp = struct.pack('>I2I4', math.floor(now / 4294967296), now % 4294967296)
          end
          local row = id .. tail .. stamp .. path
          local fid = news.add(row)
          share.contents.add(id, fid, path6, path)
          share.files = share.files + 1
          sum(share, row, 1)
          share.added = share.added + 1
          fresh[each] = fid
          went[each] = 't'
        end
      end
    end
    at = at + 2
  end
  news.save()
  if next(fresh) then
    while at < #args do
      local places = args[at + 1]
      local fids = {}
      for place = 1, #places do
        local fid = fresh[string.byte(places, place)]
        if fid then fids[#fids + 1] = fid end
      end
      if #fids > 0 then addToken(K, args[at], fids) end
      at = at + 2
    end
  end
  saveShare(share)
  return { 'ok', share.added, share.removed, share.count, table.concat(went) }
end

-- Visits some of the rows of a peer; gives the row to go on with, or -1 at the end.
local function walk(K, pid, from, most, visit)
  local seen = 0
  local fids = {}
  local rest = -1
  ascend(K .. ':s:' .. pid, from, function(fid)
    if #fids == most then rest = fid; return true end
    fids[#fids + 1] = fid
  end)
  for _, fid in ipairs(fids) do visit(fid, rowOf(K, fid)) end
  return rest
end

-- number, owner, the 256 buckets as bits, the row to begin with, rows at most
local function drop(keys, args)
  local K = shardOf(keys)
  local is = standing(K, args[1], args[2])
  if is ~= 'ok' then return { is } end
  local share = shareOf(K, args[1])
  local rest = walk(K, args[1], tonumber(args[4]), tonumber(args[5]), function(fid, row)
    local bucket = string.byte(row, 1)
    local bits = string.byte(args[3], math.floor(bucket / 8) + 1)
    if bit.band(bits, bit.lshift(1, bucket % 8)) ~= 0 then leaveRow(share, fid, row) end
  end)
  saveShare(share)
  return { 'ok', share.removed, rest }
end

-- number, owner, the row to begin with, rows at most: the bucket and the digest of each
local function entries(keys, args)
  local K = shardOf(keys)
  local is = standing(K, args[1], args[2])
  if is ~= 'ok' then return { is } end
  local found = {}
  local rest = walk(K, args[1], tonumber(args[3]), tonumber(args[4]), function(_, row)
    found[#found + 1] = row:sub(1, 1) .. row:sub(33, 48)
  end)
  return { 'ok', rest, table.concat(found) }
end

local function state(keys, args)
  local K = shardOf(keys)
  local is = standing(K, args[1], args[2])
  return is == 'ok' and stateOf(K, args[1]) or { is }
end

-- number, owner, generation, count, digest
local function commit(keys, args)
  local K = shardOf(keys)
  local is = standing(K, args[1], args[2])
  if is ~= 'ok' then return { is } end
  local kept = stateOf(K, args[1])
  if kept[3] ~= args[4] or kept[4] ~= args[5] then
    kept[1] = 'stale'
    return kept
  end
  call('HSET', K .. ':p:' .. args[1], 'g', args[3])
  kept[2] = args[3]
  return kept
end

-- wall time, rows at most, files at most that may be kept of peers that are away ('' for all): takes files of the
-- first peer that left before, or of the first at all while there are too many, and tells of one that has none left
local function sweep(keys, args)
  local K = shardOf(keys)
  local pid, left = nil, nil
  local isCrowded = args[3] ~= '' and tonumber(call('HGET', K, 'away') or 0) > tonumber(args[3])
  local before = isCrowded and '+inf' or ('(' .. args[1])
  local gone = call('ZRANGEBYSCORE', K .. ':l', '-inf', before, 'WITHSCORES', 'LIMIT', 0, 64)
  for at = 1, #gone, 2 do
    if pid and gone[at + 1] ~= left then break end
    if not pid or tonumber(gone[at]) < tonumber(pid) then pid, left = gone[at], gone[at + 1] end
  end
  if not pid then return {} end
  local share = shareOf(K, pid)
  walk(K, pid, 0, tonumber(args[2]), function(fid, row) leaveRow(share, fid, row) end)
  saveShare(share)
  call('HINCRBY', K, 'away', 0 - share.removed)
  local is = call('HMGET', K .. ':p:' .. pid, 'i', 'k')
  return { share.removed, share.count, pid, left, is[1], is[2], unpack(oldNames(K, pid)) }
end

-- rows at most: rows that nobody holds, each with what it was
local function garbage(keys, args)
  local K = shardOf(keys)
  local found = {}
  for _, fid in ipairs(call('LRANGE', K .. ':gc', 0, tonumber(args[1]) - 1)) do
    found[#found + 1] = fid
    found[#found + 1] = rowOf(K, tonumber(fid)) or ''
  end
  return found
end

-- Of each row its number, how many tokens it has, and those. One that somebody else has taken out meanwhile is not
-- looked for: in a long list that takes a millisecond.
local function collect(keys, args)
  local K = shardOf(keys)
  local at = 1
  while at <= #args do
    local fid, tokens = tonumber(args[at]), tonumber(args[at + 1])
    local row = rowOf(K, fid)
    if row and not holdersOf(K, fid) then
      for each = at + 2, at + 1 + tokens do
        local token = args[each]
        if remove(K .. ':w:' .. token, fid) and isWord(token) then dropWord(K, token) end
      end
      local block, field = blockOf(fid)
      call('HDEL', K .. ':r:' .. block, field)
    end
    if row or call('LINDEX', K .. ':gc', 0) == args[at] then call('LREM', K .. ':gc', 1, fid) end
    at = at + 2 + tokens
  end
  return call('LLEN', K .. ':gc')
end
`;
