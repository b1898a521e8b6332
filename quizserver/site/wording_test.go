package site

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// TestWordingCatchesTheCommonMistakes tries the shipped rules on sentences of
// both kinds.
func TestWordingCatchesTheCommonMistakes(t *testing.T) {
	rules, err := fs.ReadFile(seed.DataFS(), "wording.yaml")
	if err != nil {
		t.Fatal(err)
	}
	laws, err := fs.ReadFile(seed.DataFS(), "laws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := func(sentence string) (codes []string) {
		in := folders{root: fstest.MapFS{}, content: fstest.MapFS{"guide/a.md": {Data: []byte(page(sentence + "\n"))}},
			data: fstest.MapFS{"wording.yaml": {Data: rules}, "laws.yaml": {Data: laws}}}
		for _, f := range check(in, CheckOptions{Today: today}) {
			if f.Path == "content/guide/a.md" && f.Code != "link" {
				codes = append(codes, f.Code)
			}
		}
		return codes
	}
	for _, bad := range []string{
		"14岁以下不承担任何责任。", "不满十六周岁的一律不拘留。", "14到18岁一年两次就拘留。", "新法规定十四岁就拘留。", "按《治安管理处罚法》第四十三条处罚。",
		"这叫校园欺凌罪。", "这次新设了欺凌罪。", "学校没报告就罚款。学校隐瞒不报要罚款。", "《未成年人保护法》第二十一条不许体罚。", "未保法2021年版写着。",
		"按照侵权责任法来赔。", "送去工读学校。", "可以收容教养。", "欺凌必须多次。", "校园暴力就是学生欺凌。", "老师体罚学生也叫学生欺凌。",
		"在学校受伤学校全赔。", "监护人尽到责任就不赔。", "离婚没带孩子不用赔。", "学校可以把初中生开除，初中生可以开除。", "停课一个月。", "十日内必须出结论。",
		"被打了就打回去。", "只要没动手就没事。", "14岁抢文具就是抢劫。", "打成轻伤要坐牢。", "在网上诽谤警察会主动抓。", "公布打人者的姓名和照片。",
		"24小时内必须报告。", "旧网络安全法第十三条。网安法第13条规定。", "他是个受气包。", "霸凌他人。", "因为是单亲所以欺负人。", "对欺凌零容忍。",
		"他一时想不开。", "自杀是解脱。", "因为被骂就自杀。", "30%的学生受过欺凌。", "你们别闹大。",
	} {
		if len(found(bad)) == 0 {
			t.Errorf("nothing is said about %q", bad)
		}
	}
	for _, good := range []string{
		"十四岁以下也有后果：由监护人赔偿。", "一般不执行行政拘留，情节严重、影响恶劣的可以执行。", "“没动手就没事”，这句话不对。", "学校隐瞒不报的，责令改正。",
		"方案写的是原则上十日内完成调查。", "老师体罚学生，另有规定。", "离异的父母共同承担，“没一起生活就不用赔”法院不支持。", "打伤了人，要看伤得多重。",
		"不公布打人者的姓名和照片。", "现在叫专门学校，以前叫工读学校。", "六个月内没有被发现，不再处罚。", "三天以后再碰头。",
	} {
		if codes := found(good); len(codes) > 0 {
			t.Errorf("%q is refused: %v", good, codes)
		}
	}
}
