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

  # out×in×3×3 to 24×in×out, in double until the end
  def transform(self, weight: Tensor) -> Tensor:
    g4 = torch.div(torch.tensor([[6., 0., 0.], [-4., -4., -4.], [-4., 4., -4.], [1., 2., 4.], [1., -2., 4.], [0., 0., 24.]], dtype=7), 24.)
    g2 = torch.tensor([[1., 0., 0.], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0., 0., 1.]], dtype=7)
    taps = torch.to(torch.reshape(torch.permute(weight, [2, 3, 1, 0]), [9, -1]), 7)
    return torch.view(torch.to(torch.mm(torch.kron(g4, g2), taps), 6), [24, torch.size(weight, 1), torch.size(weight, 0)])

  # N×C×H×W to 24×tiles×C
  def tiles(self, x: Tensor, bt: Tensor) -> Tensor:
    n, c, h, w = torch.size(x, 0), torch.size(x, 1), torch.size(x, 2), torch.size(x, 3)
    high, wide = torch.floordiv(h, 4), torch.floordiv(w, 2)
    row = torch.mul(torch.add(w, 2), c)
    padded = torch.constant_pad_nd(torch.permute(x, [0, 2, 3, 1]), [0, 0, 1, 1, 1, 1])
    columns = torch.empty([6, n, high, row], dtype=6)
    matrix = torch.expand(bt, [high, 6, 6])
    for i in range(n):
      strips = torch.as_strided(torch.select(padded, 0, i), [high, 6, row], [torch.mul(row, 4), row, 1])
      _ = torch.bmm(matrix, strips, out=torch.transpose(torch.select(columns, 1, i), 0, 1))
    strips = torch.mul(n, high)
    pairs = torch.view(columns, [6, strips, torch.add(wide, 1), 2, c])
    left = torch.narrow(pairs, 2, 0, wide)
    right = torch.narrow(pairs, 2, 1, wide)
    x0, x1 = torch.select(left, 3, 0), torch.select(left, 3, 1)
    x2, x3 = torch.select(right, 3, 0), torch.select(right, 3, 1)
    y = torch.empty([6, 4, strips, wide, c], dtype=6)
    _0 = torch.sub(x0, x2, out=torch.select(y, 1, 0))
    _1 = torch.add(x1, x2, out=torch.select(y, 1, 1))
    _2 = torch.sub(x2, x1, out=torch.select(y, 1, 2))
    _3 = torch.sub(x1, x3, out=torch.select(y, 1, 3))
    return torch.view(y, [24, torch.mul(strips, wide), c])

  # 24×tiles×C to N×C×H×W
  def picture(self, m: Tensor, at: Tensor, n: int, h: int, w: int) -> Tensor:
    c = torch.size(m, 2)
    strips = torch.mul(n, torch.floordiv(h, 4))
    wide = torch.floordiv(w, 2)
    m0, m1, m2, m3 = torch.unbind(torch.view(m, [6, 4, strips, wide, c]), 1)
    y = torch.empty([6, strips, wide, 2, c], dtype=6)
    _0 = torch.add_(torch.add(m0, m1, out=torch.select(y, 3, 0)), m2)
    _1 = torch.sub_(torch.sub(m1, m2, out=torch.select(y, 3, 1)), m3)
    columns = torch.transpose(torch.view(y, [6, strips, torch.mul(w, c)]), 0, 1)
    rows = torch.bmm(torch.expand(at, [strips, 4, 6]), columns)
    return torch.permute(torch.view(rows, [n, h, w, c]), [0, 3, 1, 2])

  def conv2d(self, x: Tensor, weight: Tensor, bt: Tensor, at: Tensor) -> Tensor:
    m = torch.bmm((self).tiles(x, bt, ), weight)
    return (self).picture(m, at, torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), )

  def conv2d_bias(self, x: Tensor, weight: Tensor, bt: Tensor, at: Tensor, bias: Tensor) -> Tensor:
    m = torch.bmm((self).tiles(x, bt, ), weight)
    # Column (1, 1) of Aᵀ is all ones: what is added there is added to every pixel.
    _ = torch.add_(torch.select(m, 0, 5), bias)
    return (self).picture(m, at, torch.size(x, 0), torch.size(x, 2), torch.size(x, 3), )
