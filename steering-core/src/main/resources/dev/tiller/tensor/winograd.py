# SPDX-License-Identifier: Apache-2.0
# 3×3 convolutions by Winograd's minimal filtering, F(4×2, 3×3): 24 products for 8 pixels instead of 72. Pictures are
# channels-last. Tiles are 4 pixels high and 2 wide; their 6×4 inputs overlap by 2.
class Winograd(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]

  def forward(self, x: Tensor) -> Tensor:
    return x

  # Bᵀ of F(4, 3)
  def input_matrix(self, x: Tensor) -> Tensor:
    return torch.tensor([[4., 0., -5., 0., 1., 0.], [0., -4., -4., 1., 1., 0.], [0., 4., -4., -1., 1., 0.], [0., -2., -1., 2., 1., 0.], [0., 2., -1., -2., 1., 0.], [0., 4., 0., -5., 0., 1.]], dtype=6)

  # Aᵀ of F(4, 3)
  def output_matrix(self, x: Tensor) -> Tensor:
    return torch.tensor([[1., 1., 1., 1., 1., 0.], [0., 1., -1., 2., -2., 0.], [0., 1., 1., 4., 4., 0.], [0., 1., -1., 8., -8., 1.]], dtype=6)

  # out×in×3×3 to one convolution of 24 groups, packed; in double until the end
  def transform(self, x: Tensor, weight: Tensor) -> Tensor:
    out, c = torch.size(weight, 0), torch.size(weight, 1)
    g4 = torch.div(torch.tensor([[6., 0., 0.], [-4., -4., -4.], [-4., 4., -4.], [1., 2., 4.], [1., -2., 4.], [0., 0., 24.]], dtype=7), 24.)
    g2 = torch.tensor([[1., 0., 0.], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0., 0., 1.]], dtype=7)
    taps = torch.to(torch.reshape(torch.permute(weight, [2, 3, 0, 1]), [9, -1]), 7)
    groups = torch.view(torch.to(torch.mm(torch.kron(g4, g2), taps), 6), [torch.mul(24, out), c, 1, 1])
    tiles = torch.floordiv(torch.numel(x), torch.mul(8, c))
    return ops.mkldnn._reorder_convolution_weight(groups, [0, 0], [1, 1], [1, 1], 24, [1, torch.mul(24, c), tiles, 1])

  # N×C×H×W to 1×24C×tiles×1
  def tiles(self, x: Tensor, bt: Tensor) -> Tensor:
    n, c, h, w = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)
    high, wide = torch.floordiv(h, 4), torch.floordiv(w, 2)
    row = torch.mul(torch.add(w, 2), c)
    padded = torch.constant_pad_nd(torch.permute(x, [0, 2, 3, 1]), [0, 0, 1, 1, 1, 1])
    columns = torch.empty([n, high, 6, row], dtype=6)
    matrix = torch.expand(bt, [high, 6, 6])
    for i in range(n):
      strips = torch.as_strided(torch.select(padded, 0, i), [high, 6, row], [torch.mul(row, 4), row, 1])
      _ = torch.bmm(matrix, strips, out=torch.select(columns, 0, i))
    count = torch.mul(n, high)
    pairs = torch.transpose(torch.view(columns, [count, 6, torch.add(wide, 1), 2, c]), 1, 2)
    x0, x1 = torch.unbind(torch.narrow(pairs, 1, 0, wide), 3)
    x2, x3 = torch.unbind(torch.narrow(pairs, 1, 1, wide), 3)
    y = torch.empty([count, wide, 6, 4, c], dtype=6)
    _0 = torch.sub(x0, x2, out=torch.select(y, 3, 0))
    _1 = torch.add(x1, x2, out=torch.select(y, 3, 1))
    _2 = torch.sub(x2, x1, out=torch.select(y, 3, 2))
    _3 = torch.sub(x1, x3, out=torch.select(y, 3, 3))
    return torch.permute(torch.view(y, [1, torch.mul(count, wide), 1, torch.mul(24, c)]), [0, 3, 1, 2])

  # 1×24C×tiles×1 to N×C×H×W
  def picture(self, m: Tensor, at: Tensor, n: int, h: int, w: int) -> Tensor:
    c = torch.floordiv(torch.size(m, 1), 24)
    count, wide = torch.mul(n, torch.floordiv(h, 4)), torch.floordiv(w, 2)
    tiles = torch.transpose(torch.view(torch.permute(m, [0, 2, 3, 1]), [count, wide, 6, 4, c]), 1, 2)
    m0, m1, m2, m3 = torch.unbind(tiles, 3)
    y = torch.empty([count, 6, wide, 2, c], dtype=6)
    _0 = torch.add_(torch.add(m0, m1, out=torch.select(y, 3, 0)), m2)
    _1 = torch.sub_(torch.sub(m1, m2, out=torch.select(y, 3, 1)), m3)
    rows = torch.bmm(torch.expand(at, [count, 4, 6]), torch.view(y, [count, 6, torch.mul(w, c)]))
    return torch.permute(torch.view(rows, [n, h, w, c]), [0, 3, 1, 2])

  def products(self, tiles: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    return ops.mkldnn._convolution_pointwise(tiles, weight, bias, [0, 0], [1, 1], [1, 1], 24, "none", annotate(List[Optional[number]], []), "")

  def conv2d(self, x: Tensor, weight: Tensor, bt: Tensor, at: Tensor) -> Tensor:
    m = (self).products((self).tiles(x, bt, ), weight, None, )
    return (self).picture(m, at, torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), )

  def conv2d_bias(self, x: Tensor, weight: Tensor, bt: Tensor, at: Tensor, bias: Tensor) -> Tensor:
    # Column (1, 1) of Aᵀ is all ones: what is added to that product is added to every pixel.
    c = torch.size(bias, 0)
    m = (self).products((self).tiles(x, bt, ), weight, torch.constant_pad_nd(bias, [torch.mul(5, c), torch.mul(18, c)]), )
    return (self).picture(m, at, torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), )
