# SPDX-License-Identifier: Apache-2.0
# TorchScript: the operations that the engine's Java interface lacks, and leaf patterns of networks.
# Numbers arrive as 0-d tensors on the CPU. A method whose name starts like an operator's is that operator.
class Kernels(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]

  def forward(self, x: Tensor) -> Tensor:
    return x

  def text(self, bytes: Tensor) -> str:
    s = ""
    for i in range(torch.size(bytes, 0)):
      s = torch.add(s, torch.chr(int(torch.select(bytes, 0, i))))
    return s

  def ints(self, numbers: Tensor) -> List[int]:
    list = annotate(List[int], [])
    for i in range(torch.size(numbers, 0)):
      _ = torch.append(list, int(torch.select(numbers, 0, i)))
    return list

  # -- creation, casts, views

  def map_file(self, path: Tensor, count: Tensor, dtype: Tensor) -> Tensor:
    return torch.from_file((self).text(path, ), False, int(count), dtype=int(dtype))

  def part(self, x: Tensor, start: Tensor, shape: Tensor) -> Tensor:
    sizes = (self).ints(shape, )
    count = 1
    for n in sizes:
      count = torch.mul(count, n)
    return torch.reshape(torch.narrow(x, 0, int(start), count), sizes)

  def randn(self, seed: Tensor, shape: Tensor) -> Tensor:
    g = torch.Generator(device="cpu", seed=int(torch.select(seed, 0, 0)))
    return torch.randn((self).ints(shape, ), generator=g)

  def cast(self, x: Tensor, dtype: Tensor) -> Tensor:
    return torch.to(x, int(dtype))

  def move(self, x: Tensor, device: Tensor) -> Tensor:
    return torch.to(x, torch.device((self).text(device, )), ops.prim.dtype(x))

  def to_host(self, x: Tensor, dtype: Tensor) -> Tensor:
    return torch.contiguous(torch.to(x, torch.device("cpu"), int(dtype), False, True))

  def copy_contiguous(self, x: Tensor) -> Tensor:
    return torch.clone(x, memory_format=0)

  def narrow(self, x: Tensor, dim: Tensor, start: Tensor, length: Tensor) -> Tensor:
    return torch.narrow(x, int(dim), int(start), int(length))

  def rows(self, x: Tensor, index: Tensor) -> Tensor:
    return torch.index_select(x, 0, torch.to(index, ops.prim.device(x), 4))

  def expand(self, x: Tensor, shape: Tensor) -> Tensor:
    return torch.expand(x, (self).ints(shape, ))

  def pad(self, x: Tensor, left: Tensor, right: Tensor, top: Tensor, bottom: Tensor) -> Tensor:
    return torch.constant_pad_nd(x, [int(left), int(right), int(top), int(bottom)])

  # -- gradients

  def leaf(self, x: Tensor) -> Tensor:
    return torch.requires_grad_(torch.detach(x), True)

  def has_graph(self, x: Tensor) -> Tensor:
    return torch.tensor(ops.prim.requires_grad(x))

  def detached(self, x: Tensor) -> Tensor:
    return torch.detach(x)

  def alias(self, x: Tensor) -> Tensor:
    return torch.alias(x)

  # The value of x, exactly, with the gradient of y.
  def straight_through(self, x: Tensor, y: Tensor) -> Tensor:
    return torch.add(torch.detach(x), torch.sub(y, torch.detach(y)))

  # The gradients that there are, after the places in ins that they belong to.
  def grad(self, outs: List[Tensor], ins: List[Tensor], cots: List[Tensor]) -> List[Tensor]:
    given = annotate(List[Optional[Tensor]], [])
    for c in cots:
      _ = torch.append(given, c)
    found = torch.grad(outs, ins, given, True, False, True)
    which = annotate(List[int], [])
    gradients = annotate(List[Tensor], [])
    for i in range(torch.len(found)):
      g = found[i]
      if torch.__isnot__(g, None):
        _ = torch.append(which, i)
        _ = torch.append(gradients, unchecked_cast(Tensor, g))
    return torch.add([torch.tensor(which, dtype=4)], gradients)

  # -- reductions

  def clamp(self, x: Tensor, lo: Tensor, hi: Tensor) -> Tensor:
    return torch.clamp(x, float(lo), float(hi))

  def matmul(self, a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)

  def softmax(self, x: Tensor, dim: Tensor) -> Tensor:
    return torch.softmax(x, int(dim))

  def sum(self, x: Tensor, dims: Tensor) -> Tensor:
    return torch.sum(x, (self).ints(dims, ))

  def mean(self, x: Tensor, dims: Tensor) -> Tensor:
    return torch.mean(x, (self).ints(dims, ))

  def dot_rows(self, x: Tensor, y: Tensor) -> Tensor:
    n = torch.size(x, 0)
    return torch.sum(torch.reshape(torch.mul(torch.to(x, 7), torch.to(y, 7)), [n, -1]), [1])

  def argmax(self, x: Tensor, dim: Tensor) -> Tensor:
    return torch.argmax(x, int(dim))

  def norm(self, x: Tensor, dim: Tensor) -> Tensor:
    return torch.linalg_vector_norm(x, 2, [int(dim)], True)

  # -- layers

  def embedding(self, ids: Tensor, table: Tensor) -> Tensor:
    return torch.embedding(table, ids)

  def linear(self, x: Tensor, weight: Tensor) -> Tensor:
    return torch.linear(x, weight)

  def linear_bias(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(x, weight, bias)

  def conv2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return torch.conv2d(x, weight, None, [s, s], [p, p])

  def conv2d_bias(self, x: Tensor, weight: Tensor, bias: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return torch.conv2d(x, weight, bias, [s, s], [p, p])

  def max_pool(self, x: Tensor, size: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    k = int(size)
    s = int(stride)
    p = int(padding)
    return torch.max_pool2d(x, [k, k], [s, s], [p, p])

  def conv_transpose2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return torch.conv_transpose2d(x, weight, None, [s, s], [p, p])

  def conv_transpose2d_bias(self, x: Tensor, weight: Tensor, bias: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return torch.conv_transpose2d(x, weight, bias, [s, s], [p, p])

  # A CPU computes attention, and normalises channels-last pictures, faster in float32 than in 16 bits.
  def wide(self, x: Tensor) -> bool:
    half = torch.eq(ops.prim.dtype(x), 15) or torch.eq(ops.prim.dtype(x), 5)
    return half and not ops.prim.is_cuda(x)

  def group_norm(self, x: Tensor, weight: Tensor, bias: Tensor, groups: Tensor, eps: Tensor) -> Tensor:
    if (self).wide(x, ) and torch.is_contiguous(x, memory_format=2):
      y = torch.to(torch.group_norm(torch.to(x, 6), int(groups), torch.to(weight, 6), torch.to(bias, 6), float(eps)), ops.prim.dtype(x))
    else:
      y = torch.group_norm(x, int(groups), weight, bias, float(eps))
    return y

  def group_norm_silu(self, x: Tensor, weight: Tensor, bias: Tensor, groups: Tensor, eps: Tensor) -> Tensor:
    if (self).wide(x, ) and torch.is_contiguous(x, memory_format=2):
      y = torch.to(torch.silu(torch.group_norm(torch.to(x, 6), int(groups), torch.to(weight, 6), torch.to(bias, 6), float(eps))), ops.prim.dtype(x))
    else:
      y = torch.silu(torch.group_norm(x, int(groups), weight, bias, float(eps)))
    return y

  def layer_norm(self, x: Tensor, weight: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(weight, 0)], weight, bias, float(eps))

  def layer_norm_pull(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor, eps: Tensor) -> Tensor:
    shape = [torch.size(weight, 0)]
    y, mean, rstd, = torch.native_layer_norm(x, shape, weight, bias, float(eps))
    before, w, b, = torch.native_layer_norm_backward(g, x, shape, mean, rstd, weight, bias, [True, False, False])
    return before

  def relu(self, x: Tensor) -> Tensor:
    return torch.relu(x)

  def silu(self, x: Tensor) -> Tensor:
    return torch.silu(x)

  def gelu(self, x: Tensor) -> Tensor:
    return torch.gelu(x)

  def gelu_tanh(self, x: Tensor) -> Tensor:
    return torch.gelu(x, approximate="tanh")

  def quick_gelu(self, x: Tensor) -> Tensor:
    u = torch.mul(x, 1.702)
    if ops.prim.requires_grad(u):
      y = torch.div(torch.silu(u), 1.702)
    else:
      y = torch.div_(torch.silu_(u), 1.702)
    return y

  def gelu_pull(self, g: Tensor, x: Tensor) -> Tensor:
    return torch.gelu_backward(g, x)

  def gelu_tanh_pull(self, g: Tensor, x: Tensor) -> Tensor:
    return torch.gelu_backward(g, x, approximate="tanh")

  def quick_gelu_pull(self, g: Tensor, x: Tensor) -> Tensor:
    return torch.silu_backward(g, torch.mul(x, 1.702))

  def add_channels(self, x: Tensor, e: Tensor) -> Tensor:
    return torch.add(x, torch.unsqueeze(torch.unsqueeze(e, -1), -1))

  def split_heads(self, x: Tensor, heads: int) -> Tensor:
    n, l, c = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2)
    return torch.transpose(torch.view(x, [n, l, heads, torch.floordiv(c, heads)]), 1, 2)

  def merge_heads(self, x: Tensor) -> Tensor:
    n, h, l, d = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)
    return torch.reshape(torch.transpose(x, 1, 2), [n, l, torch.mul(h, d)])

  def attention(self, q: Tensor, k: Tensor, v: Tensor, heads: Tensor, causal: Tensor) -> Tensor:
    h = int(heads)
    y = torch.scaled_dot_product_attention((self).split_heads(q, h, ), (self).split_heads(k, h, ), (self).split_heads(v, h, ), None, 0., bool(causal))
    return (self).merge_heads(y, )

  def attention_mask(self, q: Tensor, k: Tensor, v: Tensor, heads: Tensor, mask: Tensor) -> Tensor:
    h = int(heads)
    y = torch.scaled_dot_product_attention((self).split_heads(q, h, ), (self).split_heads(k, h, ), (self).split_heads(v, h, ), mask)
    return (self).merge_heads(y, )

  def heads(self, x: Tensor, heads: int, in_float32: bool) -> Tensor:
    y = (self).split_heads(x, heads, )
    if in_float32:
      y = torch.to(y, 6)
    # Many short rows far apart are slow to read; few are not worth a copy.
    if torch.ge(torch.size(y, 2), 1024):
      y = torch.contiguous(y)
    return y

  def attend(self, q: Tensor, k: Tensor, v: Tensor, heads: int, in_float32: bool) -> Tensor:
    up = in_float32 or (self).wide(q, )
    y = torch.scaled_dot_product_attention((self).heads(q, heads, up, ), (self).heads(k, heads, up, ), (self).heads(v, heads, up, ))
    return (self).merge_heads(torch.to(y, ops.prim.dtype(q)), )

  def self_attention(self, qkv: Tensor, heads: Tensor, in_float32: Tensor) -> Tensor:
    q, k, v, = torch.chunk(qkv, 3, -1)
    return (self).attend(q, k, v, int(heads), bool(in_float32), )

  # What the first tokens see, and the logarithms of the softmax's sums, which the way back needs.
  def self_attention_tape(self, qkv: Tensor, tokens: Tensor, heads: Tensor) -> List[Tensor]:
    q, k, v, = torch.chunk(qkv, 3, -1)
    h = int(heads)
    y, sums, = torch._scaled_dot_product_flash_attention_for_cpu((self).heads(torch.narrow(q, 1, 0, int(tokens)), h, False, ), (self).heads(k, h, False, ), (self).heads(v, h, False, ))
    return [(self).merge_heads(y, ), sums]

  def self_attention_pull(self, g: Tensor, qkv: Tensor, y: Tensor, sums: Tensor, heads: Tensor) -> Tensor:
    q, k, v, = torch.chunk(qkv, 3, -1)
    h = int(heads)
    tokens = torch.size(y, 1)
    a, b, c, = torch._scaled_dot_product_flash_attention_for_cpu_backward((self).split_heads(g, h, ), (self).split_heads(torch.narrow(q, 1, 0, tokens), h, ), (self).split_heads(k, h, ), (self).split_heads(v, h, ), (self).split_heads(y, h, ), sums, 0., False)
    others = torch.sub(torch.size(q, 1), tokens)
    return torch.cat([torch.constant_pad_nd((self).merge_heads(a, ), [0, 0, 0, others]), (self).merge_heads(b, ), (self).merge_heads(c, )], -1)

  # Queries do not see one another: those that share a context are one longer row.
  def by_context(self, q: Tensor, kv: Tensor) -> Tensor:
    return torch.reshape(q, [torch.size(kv, 0), -1, torch.size(q, 2)])

  def cross_attention(self, q: Tensor, kv: Tensor, heads: Tensor, in_float32: Tensor) -> Tensor:
    k, v, = torch.chunk(kv, 2, -1)
    rows = (self).by_context(q, kv, )
    return torch.view((self).attend(rows, k, v, int(heads), bool(in_float32), ), torch.size(q))

  # As cross_attention, without a gradient. On a CPU 77 keys take longer than 80, of which three count for nothing.
  def cross_attention_filled(self, q: Tensor, kv: Tensor, heads: Tensor, in_float32: Tensor) -> Tensor:
    k, v, = torch.chunk(kv, 2, -1)
    h = int(heads)
    rows = (self).by_context(q, kv, )
    up = bool(in_float32) or (self).wide(q, )
    count = torch.size(kv, 1)
    more = torch.remainder(torch.neg(count), 16)
    y = (self).heads(rows, h, up, )
    keys = torch.constant_pad_nd((self).heads(k, h, up, ), [0, 0, 0, more])
    values = torch.constant_pad_nd((self).heads(v, h, up, ), [0, 0, 0, more])
    mask = torch.constant_pad_nd(torch.zeros([1, 1, 1, count], dtype=ops.prim.dtype(y)), [0, more], -1.0e30)
    seen = torch.scaled_dot_product_attention(y, keys, values, mask)
    return torch.view((self).merge_heads(torch.to(seen, ops.prim.dtype(q)), ), torch.size(q))

  def rgb8(self, x: Tensor) -> Tensor:
    y = torch.round(torch.mul(torch.clamp(torch.to(x, 6), 0., 1.), 255.))
    return torch.contiguous(torch.permute(torch.to(y, 0), [0, 2, 3, 1]))

  def to_tokens(self, x: Tensor) -> Tensor:
    return torch.contiguous(torch.transpose(torch.flatten(x, 2), 1, 2))

  def from_tokens_onto(self, tokens: Tensor, x: Tensor) -> Tensor:
    return torch.add(x, torch.view(torch.transpose(tokens, 1, 2), torch.size(x)))

  def channels_last(self, x: Tensor) -> Tensor:
    return torch.contiguous(x, memory_format=2)

  def is_channels_last(self, x: Tensor) -> Tensor:
    return torch.tensor(torch.is_contiguous(x, memory_format=2))

  def upsample_nearest2x(self, x: Tensor) -> Tensor:
    return torch.upsample_nearest2d(x, annotate(Optional[List[int]], None), [2., 2.])

  def resize_nearest(self, x: Tensor, height: Tensor, width: Tensor) -> Tensor:
    return torch.upsample_nearest2d(x, [int(height), int(width)])

  def resize_bicubic(self, x: Tensor, height: Tensor, width: Tensor, antialias: Tensor) -> Tensor:
    if bool(antialias):
      y = torch._upsample_bicubic2d_aa(x, [int(height), int(width)], False)
    else:
      y = torch.upsample_bicubic2d(x, [int(height), int(width)], False)
    return y

  def resize_bicubic_pull(self, g: Tensor, height: Tensor, width: Tensor) -> Tensor:
    size = [torch.size(g, 0), torch.size(g, 1), int(height), int(width)]
    return torch._upsample_bicubic2d_aa_backward(g, [torch.size(g, 2), torch.size(g, 3)], size, False)

  def sinusoid(self, t: Tensor, dim: Tensor, flip: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    half = torch.floordiv(int(dim), 2)
    exponent = torch.mul(torch.arange(half, dtype=6, device=ops.prim.device(t)), -9.210340371976184)
    angles = torch.mul(torch.unsqueeze(torch.to(t, 6), 1), torch.unsqueeze(torch.exp(torch.div(exponent, torch.sub(half, float(shift)))), 0))
    angles = torch.mul(angles, float(scale))
    if bool(flip):
      y = torch.cat([torch.cos(angles), torch.sin(angles)], -1)
    else:
      y = torch.cat([torch.sin(angles), torch.cos(angles)], -1)
    return y
